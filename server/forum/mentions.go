package forum

import (
	"context"
	"slices"
	"strings"

	"folkmoot/app/talk"
	"folkmoot/server/forum/markdown"
)

// A Speaker is somebody who has said something in a thread, as they signed there.
type Speaker struct {
	talk.Person
	Comment string // the last of theirs under this name
}

// A Mentioned is somebody whom a comment mentions, by a name that they have
// signed with in its thread.
type Mentioned struct {
	Person string
	Name   string
}

// renderMentions renders a comment that may mention people: those who have said
// something in its thread, and nobody else. An @ means the longest of their names
// that follows it. Where several have that name, it means the one whom the
// command says, else whom the comment has meant before, else who was last to speak in the
// branch that it answers, else in the thread.
func (f *Forum) renderMentions(ctx context.Context, c *talk.Command) (html string, mentions []Mentioned, err error) {
	if !strings.Contains(c.Body, "@") {
		return f.Markdown.Render(c.Body), nil, nil
	}
	thread, answers, before := c.Thread, c.Parent, []Mentioned(nil)
	if c.Comment != "" {
		r, err := f.Store.Record(ctx, c.Comment)
		if err == nil {
			thread, answers = r.Thread, r.Parent
			before, err = f.Store.Mentions(ctx, c.Comment)
		}
		if err != nil {
			return "", nil, f.unavailable(ctx, "reading a comment", err)
		}
	}
	if thread == "" {
		return f.Markdown.Render(c.Body), nil, nil
	}
	speakers, err := f.speakers(ctx, thread)
	if err != nil {
		return "", nil, err
	}
	names, called := called(speakers, before)
	html, used := f.Markdown.RenderFor(c.Body, names)
	people := map[string]bool{}
	again := false
	for _, name := range used {
		meant := called[name][0]
		if len(called[name]) > 1 {
			if meant, err = f.meant(ctx, called[name], c.Mentions, before, answers); err != nil {
				return "", nil, err
			}
			again = again || names[name] != meant.Comment
			names[name] = meant.Comment
		}
		self, err := f.Self(ctx, meant.ID) // who speaks is remembered, and may have become another since
		if err != nil {
			return "", nil, err
		}
		mentions = append(mentions, Mentioned{self, meant.Name})
		people[self] = true
	}
	if len(people) > talk.Mentions {
		return "", nil, talk.Refuse(talk.Invalid, "body", "This comment mentions %d people; %d is the most.", len(people), talk.Mentions)
	}
	if again {
		html, _ = f.Markdown.RenderFor(c.Body, names)
	}
	return html, mentions, nil
}

// called are the people of a thread by their folded names, those who have spoken
// last first, and where a mention of a name leads. A comment that mentions
// somebody goes on doing so, even if what they said is gone.
func called(speakers []Speaker, before []Mentioned) (markdown.Names, map[string][]Speaker) {
	names, all := markdown.Names{}, map[string][]Speaker{}
	add := func(s Speaker) {
		name := markdown.Fold(s.Name)
		if !slices.ContainsFunc(all[name], func(o Speaker) bool { return o.ID == s.ID }) {
			all[name] = append(all[name], s)
		}
	}
	for _, s := range speakers {
		add(s)
	}
	for _, m := range before {
		add(Speaker{Person: talk.Person{ID: m.Person, Name: m.Name}})
	}
	for name, people := range all {
		names[name] = people[0].Comment
	}
	return names, all
}

// meant is who of several people of one name is meant.
func (f *Forum) meant(ctx context.Context, people []Speaker, said []string, before []Mentioned, answers string) (Speaker, error) {
	ids := make([]string, len(people))
	for i, s := range people {
		ids[i] = s.ID
	}
	for _, id := range said {
		if i := slices.Index(ids, id); i >= 0 {
			return people[i], nil
		}
	}
	for _, m := range before {
		if i := slices.Index(ids, m.Person); i >= 0 && markdown.Fold(m.Name) == markdown.Fold(people[i].Name) {
			return people[i], nil
		}
	}
	if answers == "" {
		return people[0], nil
	}
	last, err := f.Store.LastInBranch(ctx, answers, ids...)
	if err != nil {
		return Speaker{}, f.unavailable(ctx, "reading who has spoken last", err)
	}
	return people[max(0, slices.Index(ids, last))], nil
}

// speakersKept is of how many threads is remembered who speaks there.
const speakersKept = 64

// spoken is who had spoken in a thread when its log ended at a number.
type spoken struct {
	seq      uint64
	speakers []Speaker // not to be changed
}

func (f *Forum) speakers(ctx context.Context, thread string) ([]Speaker, error) {
	head, err := f.Head(ctx, thread)
	if err != nil {
		return nil, err
	}
	if known, ok := f.spoken.Get(thread); ok && known.seq == head.Seq {
		return known.speakers, nil
	}
	read, err, _ := f.reads.Do("speakers/"+thread, func() (any, error) {
		return f.Store.Speakers(context.WithoutCancel(ctx), thread) // others wait for it, too
	})
	if err != nil {
		return nil, f.unavailable(ctx, "reading who has spoken", err)
	}
	speakers := read.([]Speaker)
	f.spoken.Add(thread, spoken{head.Seq, speakers})
	return speakers, nil
}

// peopleFound is how many people are offered to be mentioned.
const peopleFound = 10

// People returns some of those who have said something in a thread and of whose
// name a word begins like this, those who have spoken last first.
func (f *Forum) People(ctx context.Context, who Who, thread, like string) ([]Speaker, error) {
	if err := f.allow(ctx, who, searching); err != nil {
		return nil, err
	}
	speakers, err := f.speakers(ctx, thread)
	if err != nil {
		return nil, err
	}
	if len(like) > talk.NameChars*16 {
		return []Speaker{}, nil
	}
	like = markdown.Fold(strings.TrimSpace(like))
	found := []Speaker{}
	for _, s := range speakers {
		name := markdown.Fold(s.Name)
		if strings.HasPrefix(name, like) || strings.Contains(name, " "+like) {
			if found = append(found, s); len(found) == peopleFound {
				break
			}
		}
	}
	return found, nil
}

// A Telling says what somebody is told of a comment.
type Telling struct {
	Person string
	Kind   talk.NoticeKind
}

// Concerns are the people whom a comment concerns that answers one of somebody's
// (or nobody's) and mentions these: each once, and its author never.
func (r *Record) Concerns(answered string, mentions []Mentioned) []Telling {
	var all []Telling
	add := func(person string, kind talk.NoticeKind) {
		if person != "" && person != r.Author && !slices.ContainsFunc(all, func(t Telling) bool { return t.Person == person }) {
			all = append(all, Telling{person, kind})
		}
	}
	add(answered, talk.Reply)
	for _, m := range mentions {
		add(m.Person, talk.Mention)
	}
	return all
}

// Hears reports whether somebody is told when a comment changes so: of a mention
// that an edit may have brought. An answer was told of before.
func (t Telling) Hears(c Change) bool {
	return c.Event == talk.CommentAdded || t.Kind == talk.Mention && (c.More > 0 || c.Event == talk.CommentEdited)
}

// Moved are the people in whose inboxes something may be there or gone when a
// comment changes so, which has mentioned those before: not those who are told.
func (r *Record) Moved(c Change, answered string, before, now []Mentioned) []string {
	var people []string
	add := func(person string) {
		if person != "" && !slices.Contains(people, person) {
			people = append(people, person)
		}
	}
	if c.More != 0 && c.Event != talk.CommentAdded {
		add(r.Author)
		add(answered)
		for _, m := range now {
			add(m.Person)
		}
	}
	for _, m := range before {
		if !slices.ContainsFunc(now, func(o Mentioned) bool { return o.Person == m.Person }) {
			add(m.Person)
		}
	}
	return people
}
