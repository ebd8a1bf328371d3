package rig

import (
	"math"
	"math/rand/v2"
	"strings"
)

// A Writer makes comments that look like English to a compressor: common words
// are common, sentences have ends. The same seed writes the same.
type Writer struct{ *rand.Rand }

// NewWriter returns one whose text depends on the seed alone.
func NewWriter(seed uint64) *Writer { return &Writer{rand.New(rand.NewPCG(seed, 1819))} }

// Comment is some 200 characters of whole sentences.
func (w *Writer) Comment() string {
	var b strings.Builder
	for goal := 150 + w.IntN(60); b.Len() < goal; {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		w.sentence(&b)
	}
	return b.String()
}

func (w *Writer) sentence(b *strings.Builder) {
	n := 5 + w.IntN(10)
	for i := range n {
		word := w.Word()
		switch {
		case i == 0:
			word = strings.ToUpper(word[:1]) + word[1:]
		case i > 2 && i < n-2 && w.IntN(9) == 0:
			b.WriteString(", ")
		default:
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	b.WriteByte(".....?!"[w.IntN(7)])
}

// Word is a small one half the time, else a stem with an ending; either list is
// in the order of use, and its first words come most often (Zipf).
func (w *Writer) Word() string {
	if w.IntN(100) < 48 {
		return w.early(small)
	}
	return w.early(stems) + w.early(endings)
}

func (w *Writer) early(words []string) string {
	n := float64(len(words))
	return words[int(math.Pow(n+1, w.Float64()))-1]
}

// Person is a name and, half the time, a headline.
func (w *Writer) Person() (name, headline string) {
	name = given[w.IntN(len(given))] + " " + family[w.IntN(len(family))]
	if w.IntN(2) == 0 {
		headline = trades[w.IntN(len(trades))] + ", " + places[w.IntN(len(places))]
	}
	return name, headline
}

var (
	small = strings.Fields(`the of and to a in is that it was for on are with as be this have from or by not but what all
		were we when your can there an which their if will each about how up out them then so some her would like him into
		has more two no way could my than been who its now did down may only very just over where most after before here
		why through any same because again against still both without between never since until though`)
	stems = strings.Fields(`time people work read write think point article comment reason differ question answer year
		govern public local council school teach learn build cost pay price market house rent train road cycle city town
		village river garden plant tree bird water rain storm climate farm food bread cook kitchen table window door paint
		music song sing play game film book page letter paper print news report journal edit number count measure test
		doctor nurse hospital patient medic care health sleep dream child parent friend neighbour family home street
		corner shop bank credit tax vote elect party minister law court judge right wrong fair power engine machine
		computer program network phone signal battery charge light dark colour green blue north south coast island harbour
		ship sail fish bridge tower stone brick wood metal glass cloth wool coat shoe walk run climb mountain hill
		valley field horse sheep cattle dog cat wolf forest path map travel country border language word sentence
		story history memory museum science theory experiment evidence doubt trust truth opinion argument debate agree
		listen speak quiet loud simple complex early late recent modern ancient future past moment minute hour week month
		season winter summer spring autumn open close start finish change keep lose find search hope fear worry laugh
		smile cry help share give take bring send follow lead join leave return visit stay wait watch notice remember
		forget understand explain describe suggest propose support oppose improve repair break waste save protect`)
	endings = strings.Fields(`- s ed ing er ly ers ment ness ful less able`)
	given   = strings.Fields(`Ann Bo Chidi Dara Emeka Fatima Grace Hamid Ines Jonas Keiko Lars Mina Noor Oskar Priya Quentin
		Rosa Sven Tomás Uma Viktor Wanda Ximena Yusuf Zoë`)
	family = strings.Fields(`Adeyemi Becker Castillo Dimitrov Eriksen Fischer Gupta Haddad Ivanova Jensen Kowalski Lindqvist
		Moreau Nakamura Okafor Petrov Quinn Rossi Schmidt Tanaka Ueda Varga Walsh Yilmaz Zhang`)
	trades = strings.Fields(`Pharmacist Teacher Carpenter Nurse Bookseller Gardener Engineer Midwife Baker Surveyor Cyclist
		Archivist Beekeeper Farmer Postman Translator`)
	places = strings.Fields(`Leeds Porto Kraków Lagos Bergen Utrecht Pune Osaka Lyon Cork Graz Tartu Bilbao Malmö Antwerp Quito`)
)

func init() { endings[0] = "" } // most words have none
