package words

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// languages are all, as their files have them.
func languages(t *testing.T) map[string]*Words {
	t.Helper()
	all := map[string]*Words{}
	for _, language := range Languages {
		text, err := os.ReadFile(folder + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		all[language] = read(t, string(text))
	}
	return all
}

// samples are of CLDR 47's supplemental/plurals.xml, the whole numbers that it
// gives for each category. A ~ stands between the first and the last of a row.
var samples = map[string]map[string]string{
	"en": {One: "1", Other: "0 2~16 100 1000 10000 100000 1000000"},
	"de": {One: "1", Other: "0 2~16 100 1000 10000 100000 1000000"},
	"fr": {One: "0 1", Many: "1000000 2000000 3000000", Other: "2~17 100 1000 10000 100000 1000001"},
	"es": {One: "1", Many: "1000000 2000000 3000000", Other: "0 2~16 100 1000 10000 100000 1000001"},
	"pt": {One: "0 1", Many: "1000000 2000000 3000000", Other: "2~17 100 1000 10000 100000 1000001"},
	"ar": {
		Zero: "0", One: "1", Two: "2", Few: "3~10 103~110 1003", Many: "11~26 111 1011",
		Other: "100~102 200~202 300~302 400~402 500~502 600 1000 10000 100000 1000000",
	},
	"he": {One: "1", Two: "2", Other: "0 3~17 100 1000 10000 100000 1000000"},
	"ja": {Other: "0~15 100 1000 10000 100000 1000000"},
	"zh": {Other: "0~15 100 1000 10000 100000 1000000"},
	"hi": {One: "0 1", Other: "2~17 100 1000 10000 100000 1000000"},
}

func TestPluralsAreCLDRs(t *testing.T) {
	for language, w := range languages(t) {
		var categories []string
		for category, numbers := range samples[language] {
			categories = append(categories, category)
			for part := range strings.FieldsSeq(numbers) {
				from, to, row := strings.Cut(part, "~")
				first, err := strconv.Atoi(from)
				if err != nil {
					t.Fatal(err)
				}
				last := first
				if row {
					if last, err = strconv.Atoi(to); err != nil {
						t.Fatal(err)
					}
				}
				for n := first; n <= last; n++ {
					if got := w.Plural(n); got != category {
						t.Errorf("%s: %d is %s, want %s", language, n, got, category)
					}
				}
			}
		}
		have := slices.Clone(Categories(language))
		slices.Sort(have)
		slices.Sort(categories)
		if !slices.Equal(have, categories) {
			t.Errorf("%s has the categories %q, want %q", language, have, categories)
		}
	}
}

// What people read most, in each language.
func TestEachLanguageReads(t *testing.T) {
	at := time.Date(2026, 3, 7, 14, 5, 0, 0, time.UTC)
	const day = 24 * time.Hour
	tests := map[string][]string{
		//      none, one, two, three, eleven and many comments; ages; a time; a name
		"en": {"0 comments", "1 comment", "2 comments", "3 comments", "11 comments", "12,345 comments", "now", "1m", "2h", "3d", "1w", "11mo", "2y", "7 March 2026, 14:05 UTC", "in reply to Ann"},
		"de": {"0 Kommentare", "1 Kommentar", "2 Kommentare", "3 Kommentare", "11 Kommentare", "12.345 Kommentare", "jetzt", "1 Min.", "2 Std.", "3 Tage", "1 Woche", "11 Monate", "2 Jahre", "7. März 2026, 14:05 UTC", "Antwort an Ann"},
		"fr": {"0 commentaire", "1 commentaire", "2 commentaires", "3 commentaires", "11 commentaires", "12\u202f345 commentaires", "à l’instant", "1 min", "2 h", "3 j", "1 sem.", "11 mois", "2 ans", "7 mars 2026 à 14:05 UTC", "en réponse à Ann"},
		"es": {"0 comentarios", "1 comentario", "2 comentarios", "3 comentarios", "11 comentarios", "12.345 comentarios", "ahora", "1 min", "2 h", "3 días", "1 sem.", "11 meses", "2 años", "7 de marzo de 2026, 14:05 UTC", "en respuesta a Ann"},
		"pt": {"0 comentário", "1 comentário", "2 comentários", "3 comentários", "11 comentários", "12.345 comentários", "agora", "1 min", "2 h", "3 dias", "1 sem.", "11 meses", "2 anos", "7 de março de 2026 às 14:05 UTC", "em resposta a Ann"},
		"ar": {"لا تعليقات", "تعليق واحد", "تعليقان", "٣ تعليقات", "١١ تعليقًا", "١٢٬٣٤٥ تعليقًا", "الآن", "دقيقة", "ساعتان", "٣ أيام", "أسبوع", "١١ شهرًا", "سنتان", "٧ مارس ٢٠٢٦، ١٤:٠٥ بالتوقيت العالمي", "ردًّا على \u2068Ann\u2069"},
		"he": {"0 תגובות", "תגובה אחת", "שתי תגובות", "3 תגובות", "11 תגובות", "12,345 תגובות", "עכשיו", "דקה", "שעתיים", "3 ימים", "שבוע", "11 חודשים", "שנתיים", "7 במרץ 2026, 14:05 UTC", "בתגובה אל \u2068Ann\u2069"},
		"ja": {"コメント0件", "コメント1件", "コメント2件", "コメント3件", "コメント11件", "コメント12,345件", "たった今", "1分前", "2時間前", "3日前", "1週間前", "11か月前", "2年前", "2026年3月7日 14:05 UTC", "Annさんへの返信"},
		"zh": {"0 条评论", "1 条评论", "2 条评论", "3 条评论", "11 条评论", "12,345 条评论", "刚刚", "1分钟前", "2小时前", "3天前", "1周前", "11个月前", "2年前", "2026年3月7日 14:05 UTC", "回复 Ann"},
		"hi": {"0 टिप्पणी", "1 टिप्पणी", "2 टिप्पणियाँ", "3 टिप्पणियाँ", "11 टिप्पणियाँ", "12,345 टिप्पणियाँ", "अभी", "1 मिनट", "2 घंटे", "3 दिन", "1 हफ़्ता", "11 महीने", "2 साल", "7 मार्च 2026, 14:05 UTC", "Ann को जवाब"},
	}
	for language, w := range languages(t) {
		var got []string
		for _, n := range []int{0, 1, 2, 3, 11, 12345} {
			got = append(got, w.Many("comments.count", n))
		}
		for _, d := range []time.Duration{0, time.Minute, 2 * time.Hour, 3 * day, 8 * day, 340 * day, 800 * day} {
			got = append(got, w.Age(at, at.Add(d)))
		}
		got = append(got, w.Exact(at), w.Say("comment.to", "name", "Ann"))
		if want := tests[language]; !slices.Equal(got, want) {
			for i := range got {
				if i >= len(want) || got[i] != want[i] {
					t.Errorf("%s: %q, want %q", language, got[i], want[min(i, len(want)-1)])
				}
			}
		}
		if rtl := language == "ar" || language == "he"; (w.Direction() == "rtl") != rtl || w.Language() != language {
			t.Errorf("%s is %s, written %s", language, w.Language(), w.Direction())
		}
	}
}
