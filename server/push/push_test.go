package push_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"folkmoot/app/talk"
	"folkmoot/app/words"
	"folkmoot/assets"
	"folkmoot/server/bus/memory"
	"folkmoot/server/forum"
	"folkmoot/server/push"
	"folkmoot/server/push/pushtest"
	"folkmoot/server/store/sqlite"
	"folkmoot/server/web"
)

// A world is a forum whose devices are told, by a clock that tests move.
type world struct {
	*testing.T
	store   forum.Store
	forum   *forum.Forum
	service *pushtest.Service
	sender  *push.Sender
	config  push.Config
	thread  string

	mu  sync.Mutex
	now time.Time
	ref int
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	sender := w.sender
	w.mu.Unlock()
	sender.Tell(nil, nil) // so that it looks at the clock
}

func start(t *testing.T) *world {
	t.Helper()
	set, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, store: store, service: pushtest.Start(t), now: time.Now().Truncate(time.Second)}
	secret, err := push.NewSecret()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := push.ReadKeys(secret)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	w.config = push.Config{Store: store, Keys: keys, Contact: "mailto:admin@blog.example", Words: web.Speak(set), Clock: w.clock, Log: log, Loopback: true}
	w.sender = push.Start(w.config)
	w.forum = forum.New(forum.Config{Store: store, Bus: &memory.Bus{}, Reactions: talk.DefaultReactions, Clock: w.clock, Log: log, Tell: w.tell})
	opened, err := store.Open(t.Context(), forum.Page{Key: "https://blog.example/baths", Title: "The baths"}, w.now)
	if err != nil {
		t.Fatal(err)
	}
	w.thread = opened.Thread
	t.Cleanup(func() {
		w.forum.Close()
		w.sender.Close()
		store.Close()
	})
	return w
}

func (w *world) tell(people []string, published []talk.Comment) {
	w.mu.Lock()
	sender := w.sender
	w.mu.Unlock()
	sender.Tell(people, published)
}

// restart has another sender go on. Nothing is under way any more when the first
// has ended.
func (w *world) restart() {
	w.sender.Close()
	w.mu.Lock()
	w.sender = push.Start(w.config)
	w.mu.Unlock()
}

// do does what somebody does. People are called as their ids are.
func (w *world) do(person string, c talk.Command) talk.Result {
	w.Helper()
	w.ref++
	if c.Kind == talk.Post {
		c.Name = strings.ToUpper(person[:1]) + person[1:]
	}
	done, err := w.forum.Do(w.Context(), forum.Who{Person: person}, fmt.Sprint("ref", w.ref), c)
	if err != nil {
		w.Fatal(err)
	}
	return done.Result
}

func (w *world) say(person, parent, body string) string {
	w.Helper()
	return w.do(person, talk.Command{Kind: talk.Post, Thread: w.thread, Parent: parent, Body: body}).Comment.ID
}

// device has a device of somebody's told.
func (w *world) device(person, name, lang string) *pushtest.Device {
	w.Helper()
	d := w.service.Device(name)
	w.subscribe(person, d, lang)
	return d
}

func (w *world) subscribe(person string, d *pushtest.Device, lang string) {
	w.Helper()
	known, err := forum.NewDevice(d.Endpoint, d.Key, d.Auth, lang, true)
	if err == nil {
		err = w.forum.Subscribe(w.Context(), forum.Who{Person: person}, known, "")
	}
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) settings(person string, change func(*talk.Settings)) {
	w.Helper()
	s := talk.DefaultSettings()
	s.Notify = talk.Notify{Reply: true, Mention: true, Like: true, Followed: true}
	change(&s)
	if err := w.forum.SetSettings(w.Context(), forum.Who{Person: person}, s); err != nil {
		w.Fatal(err)
	}
}

// waits is when the store's next message is due, after now.
func (w *world) waits() (time.Duration, bool) {
	w.Helper()
	at, waits, err := w.store.NextMessage(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return at.Sub(w.clock()), waits
}

// until waits until something is so.
func (w *world) until(what string, so func() bool) {
	w.Helper()
	for late := time.Now().Add(pushtest.Patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			w.Fatalf("it never comes to be that %s", what)
		}
	}
}

// nothing waits until nothing waits to be told.
func (w *world) nothing() {
	w.Helper()
	w.restart() // who was told is looked up when it ends
	w.until("nothing waits", func() bool {
		_, waits := w.waits()
		return !waits
	})
}

// hasDevice says whether somebody has a device that would be told.
func (w *world) hasDevice(person string) bool {
	w.Helper()
	n, err := w.store.QueueNotices(w.Context(), []string{person}, time.Time{}, w.clock())
	if err != nil {
		w.Fatal(err)
	}
	return n > 0
}

func saying(title, body, path, tag string, unread int) pushtest.Said {
	return pushtest.Said{Folkmoot: 1, Title: title, Body: body, Path: path, Tag: tag, Unread: unread}
}

func TestWhatDevicesAreTold(t *testing.T) {
	w := start(t)
	w.settings("ann", func(*talk.Settings) {})
	w.device("ann", "phone", "en")
	hers := w.say("ann", "", "When do the *baths* open?")
	answer := w.say("bob", hers, "At **seven**, they say.")
	all := w.service.Await(1)
	want := saying("Bob answered you", "At seven, they say.", "/t/"+w.thread+"#comment-"+answer, "reply-"+answer, 1)
	if m := all[0]; m.Said != want || m.Header.Get("Urgency") != "normal" {
		t.Errorf("of the answer it says %+v, %s", m.Said, m.Header.Get("Urgency"))
	}

	mention := w.say("cleo", "", "@Ann would know.")
	all = w.service.Await(2)
	want = saying("Cleo mentioned you", "@Ann would know.", "/t/"+w.thread+"#comment-"+mention, "mention-"+mention, 2)
	if all[1].Said != want {
		t.Errorf("of the mention it says %+v", all[1].Said)
	}

	w.do("bob", talk.Command{Kind: talk.Like, Comment: hers, On: true})
	w.do("cleo", talk.Command{Kind: talk.Like, Comment: hers, On: true})
	w.restart()
	if left, waits := w.waits(); !waits || left <= 0 {
		t.Errorf("likes wait for more for %v", left)
	}
	w.pass(time.Minute)
	all = w.service.Await(3)
	want = saying("2 people like this of yours", "When do the baths open?", "/t/"+w.thread+"#comment-"+hers, "like-"+hers, 3)
	if m := all[2]; m.Said != want || m.Header.Get("Urgency") != "low" {
		t.Errorf("of likes it says %+v, %s", m.Said, m.Header.Get("Urgency"))
	}

	w.do("ann", talk.Command{Kind: talk.Seen, Thread: w.thread, Seq: 100})
	first := w.say("dora", "", "And at noon?")
	w.say("dora", first, "Or at one?")
	w.restart()
	w.pass(time.Minute)
	all = w.service.Await(4)
	want = saying("The baths", "2 new comments", "/t/"+w.thread+"#comment-"+first, "thread-"+w.thread, 0)
	if all[3].Said != want {
		t.Errorf("of the followed thread it says %+v", all[3].Said)
	}
	topics := map[string]bool{}
	for _, m := range all {
		topics[m.Header.Get("Topic")] = true
	}
	if len(topics) != 4 {
		t.Errorf("the topics are %v", topics)
	}
}

func TestDevicesAreToldInTheirLanguage(t *testing.T) {
	w := start(t)
	w.device("ann", "phone", "de-AT")
	w.say("bob", w.say("ann", "", "x"), "Um sieben.")
	set, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	german := web.Speak(set)("de")
	if german.Language() != "de" {
		t.Fatal(german.Language())
	}
	want := german.Say("inbox.reply", "name", "Bob")
	if m := w.service.Await(1)[0]; m.Title != want || want == words.English().Say("inbox.reply", "name", "Bob") {
		t.Errorf("it says %q, want %q", m.Title, want)
	}
}

// Each device of a person is told; who has none, or wants nothing, isn't.
func TestWhoIsTold(t *testing.T) {
	w := start(t)
	w.device("ann", "phone", "en")
	w.device("ann", "desk", "en")
	w.device("bob", "bobs", "en")
	w.settings("bob", func(s *talk.Settings) { s.Notify.Reply, s.Notify.Followed = false, false })
	w.say("cleo", w.say("bob", "", "x"), "not wanted")
	w.say("cleo", w.say("dora", "", "x"), "without a device")
	w.say("cleo", w.say("ann", "", "x"), "answer")
	got := map[string]string{}
	for _, m := range w.service.Await(2) {
		got[m.Device] = m.Body
	}
	if len(got) != 2 || got["phone"] != "answer" || got["desk"] != "answer" {
		t.Errorf("told are %v", got)
	}
	if w.nothing(); len(w.service.Taken()) != 2 {
		t.Errorf("more were told: %+v", w.service.Taken())
	}
}

func TestDevicesThatAreGone(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusGone} {
		w := start(t)
		w.device("ann", "phone", "en")
		hers := w.say("ann", "", "x")
		answered := make(chan bool, 1)
		w.service.Next(func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(status)
			answered <- true
		})
		w.say("bob", hers, "answer")
		<-answered
		w.sender.Close()
		w.say("bob", hers, "another")
		if w.hasDevice("ann") {
			t.Errorf("after %d it is still told", status)
		}
	}
}

// A push service that has too much to do is asked again when it says, and not
// before; a node that was started meanwhile knows of it.
func TestTriedAgainWhenItIsSaid(t *testing.T) {
	for status, header := range map[int]func(time.Time) string{
		http.StatusTooManyRequests:    func(time.Time) string { return "120" },
		http.StatusServiceUnavailable: func(now time.Time) string { return now.Add(2 * time.Minute).UTC().Format(http.TimeFormat) },
	} {
		w := start(t)
		w.device("ann", "phone", "en")
		answered := make(chan bool, 1)
		w.service.Next(func(rw http.ResponseWriter, r *http.Request) {
			pushtest.Status(status, "Retry-After", header(w.clock()))(rw, r)
			answered <- true
		})
		w.say("bob", w.say("ann", "", "x"), "answer")
		<-answered
		w.restart()
		if left, waits := w.waits(); !waits || left != 2*time.Minute {
			t.Errorf("after %d it waits for %v (%v)", status, left, waits)
		}
		w.pass(2 * time.Minute)
		if m := w.service.Await(1)[0]; m.Body != "answer" {
			t.Errorf("then it says %+v", m.Said)
		}
	}
}

// One that only fails is asked less and less often, and not for ever.
func TestGivenUp(t *testing.T) {
	w := start(t)
	w.device("ann", "phone", "en")
	hers := w.say("ann", "", "x")
	answered := make(chan bool, 1)
	fail := func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusInternalServerError)
		answered <- true
	}
	w.service.Next(fail)
	w.say("bob", hers, "answer")
	tries, before := 0, time.Duration(0)
	for {
		<-answered
		tries++
		w.restart()
		left, waits := w.waits()
		if !waits {
			break
		}
		if left <= before && left < 45*time.Minute {
			t.Errorf("after %d tries it waits for %v", tries, left)
		}
		before = left
		w.service.Next(fail)
		w.pass(left)
	}
	if tries < 3 || tries > 10 {
		t.Errorf("it was tried %d times", tries)
	}
	w.say("bob", hers, "another")
	w.service.Next(pushtest.Status(http.StatusRequestEntityTooLarge))
	w.say("bob", hers, "and more")
	if m := w.service.Await(1)[0]; m.Body != "another" && m.Body != "and more" {
		t.Errorf("later it says %+v", m.Said)
	}
}

// A push service that hangs holds up no other.
func TestOneThatHangs(t *testing.T) {
	w := start(t)
	hang, began := make(chan bool), make(chan bool, 100)
	slow := pushtest.Start(t)
	hers := w.say("ann", "", "x")
	w.device("ann", "phone", "en")
	w.say("bob", hers, "first")
	w.service.Await(1) // it is one that works
	const hanging = 9
	for i := range hanging {
		d := slow.Device(fmt.Sprint(i))
		d.Endpoint = strings.Replace(d.Endpoint, "127.0.0.1", fmt.Sprintf("127.0.0.%d", i+1), 1) // each a host of its own
		slow.Next(func(rw http.ResponseWriter, r *http.Request) {
			began <- true
			select {
			case <-hang:
			case <-r.Context().Done():
			}
			rw.WriteHeader(http.StatusCreated)
		})
		w.subscribe("ann", d, "en")
	}
	w.say("bob", hers, "second")
	<-began
	w.say("bob", hers, "third")
	if all := w.service.Await(3); all[1].Body+all[2].Body != "secondthird" && all[1].Body+all[2].Body != "thirdsecond" {
		t.Errorf("while others hang, it is told %+v", all)
	}
	close(hang)
}

// Nobody is sent on, and nothing of this machine's is asked.
func TestNobodyIsSentElsewhere(t *testing.T) {
	w := start(t)
	w.device("ann", "phone", "en")
	other := w.service.Device("other")
	hers := w.say("ann", "", "x")
	answered := make(chan bool, 1)
	w.service.Next(func(rw http.ResponseWriter, r *http.Request) {
		pushtest.Status(http.StatusTemporaryRedirect, "Location", other.Endpoint)(rw, r)
		answered <- true
	})
	w.say("bob", hers, "answer")
	<-answered
	if w.nothing(); len(w.service.Taken()) > 0 {
		t.Errorf("it was sent on: %+v", w.service.Taken())
	}
	w.config.Loopback = false
	w.restart()
	w.say("bob", hers, "another")
	w.nothing()
	w.sender.Close()
	w.say("bob", hers, "one more")
	if w.hasDevice("ann") || len(w.service.Taken()) > 0 {
		t.Error("an address of this machine is told")
	}
}

// What comes within quiet hours waits until they are over, unless it was seen.
func TestQuietHours(t *testing.T) {
	w := start(t)
	w.device("ann", "phone", "en")
	hers := w.say("ann", "", "x")
	zone, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	there := w.clock().In(zone)
	end := there.Truncate(time.Minute).Add(2 * time.Hour)
	w.settings("ann", func(s *talk.Settings) {
		s.Quiet = talk.Quiet{From: there.Add(-time.Hour).Format("15:04"), To: end.Format("15:04"), Zone: zone.String()}
	})
	seen := w.say("bob", hers, "seen")
	w.say("bob", hers, "not seen")
	w.restart()
	w.until("both wait", func() bool {
		left, waits := w.waits()
		return waits && left > time.Hour
	})
	w.do("ann", talk.Command{Kind: talk.Seen, Comment: seen})
	w.pass(end.Sub(w.clock()))
	if all := w.service.Await(1); all[0].Body != "not seen" || all[0].Unread != 1 {
		t.Errorf("then it is told %+v", all)
	}
	if w.nothing(); len(w.service.Taken()) != 1 {
		t.Errorf("and more: %+v", w.service.Taken())
	}
}

func TestWhateverIsSaidFits(t *testing.T) {
	w := start(t)
	w.device("ann", "phone", "en")
	hers := w.say("ann", "", "x")
	for i, body := range []string{strings.Repeat("👩‍👩‍👧‍👦", 400), strings.Repeat("ب", 5000), strings.Repeat(`"\<&`, 2000), "\u2067Turned\u2069 <script>alert(1)</script>", "||a secret||"} {
		w.say("bob", hers, body)
		m := w.service.Await(i + 1)[i]
		if m.Folkmoot != 1 || len(m.Body) > 500 || m.Body == "" || strings.Contains(m.Body, "secret") {
			t.Errorf("of %.20q it says %q", body, m.Body)
		}
	}
}

// Of many comments at once, a follower is told of those that aren't their own.
func TestFollowersWhoSpeakThemselves(t *testing.T) {
	w := start(t)
	w.settings("ann", func(*talk.Settings) {})
	w.device("ann", "phone", "en")
	w.say("ann", "", "hers")
	w.do("ann", talk.Command{Kind: talk.Seen, Thread: w.thread, Seq: 100})
	for range 5 {
		w.say("ann", "", "hers again")
	}
	w.say("bob", "", "his")
	w.restart()
	w.pass(time.Minute)
	if m := w.service.Await(1)[0]; m.Title != "The baths" || m.Body != "Bob: his" {
		t.Errorf("it says %+v", m.Said)
	}
}
