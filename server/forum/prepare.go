package forum

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/rivo/uniseg"

	"folkmoot/app/talk"
	"folkmoot/server/forum/markdown"
)

// prepare settles all that can be settled without the store's transaction.
func (f *Forum) prepare(ctx context.Context, who Who, ref string, c talk.Command) (Write, error) {
	if len(ref) > talk.RefBytes {
		return Write{}, talk.Refuse(talk.Malformed, "ref", "A ref has at most %d bytes.", talk.RefBytes)
	}
	w := Write{Command: c, Person: talk.Person{ID: who.Person}, Fresh: who.Fresh, Ref: ref, Digest: digest(c), Rules: f.Rules, At: f.Clock().UTC()}
	switch c.Kind {
	case talk.React:
		if !slices.ContainsFunc(f.Reactions, func(k talk.ReactionKind) bool { return k.Kind == c.Reaction }) {
			return Write{}, talk.Refuse(talk.Invalid, "reaction", "There is no reaction called %q here.", cut(c.Reaction, 40))
		}
	case talk.Like, talk.Delete, talk.Restore, talk.Edit, talk.Flag, talk.Pin, talk.Hold, talk.Ban, talk.Appoint, talk.Credit:
		if err := f.prepareOnComment(ctx, &w); err != nil {
			return Write{}, err
		}
	case talk.Lock:
		if err := checkText(c.Text); err != nil {
			return Write{}, err
		}
	case talk.Follow, talk.Mute, talk.Seen:
		if err := prepareForOneself(&w.Command); err != nil {
			return Write{}, err
		}
		if c.Kind == talk.Seen {
			w.Ref = "" // again is the same as once
		}
	case talk.Post:
		if err := f.preparePost(ctx, &w); err != nil {
			return Write{}, err
		}
	default:
		return Write{}, talk.Refuse(talk.Malformed, "kind", "Folkmoot knows no command %q.", cut(string(c.Kind), 40))
	}
	return w, nil
}

// prepareOnComment prepares what is done to a comment.
func (f *Forum) prepareOnComment(ctx context.Context, w *Write) (err error) {
	c := &w.Command
	if c.Comment == "" {
		return talk.Refuse(talk.Invalid, "comment", "Say which comment.")
	}
	if c.Kind == talk.Flag && !slices.Contains(talk.Reasons, c.Reason) {
		return talk.Refuse(talk.Invalid, "reason", "Please choose a reason: spam, abuse, off_topic, illegal or other.")
	}
	if c.Kind == talk.Edit {
		w.HTML, w.Mentions, err = f.renderBody(ctx, c)
		return err
	}
	return checkText(c.Text)
}

// prepareForOneself prepares what somebody does for themselves.
func prepareForOneself(c *talk.Command) error {
	switch {
	case c.Kind == talk.Seen && c.Thread == "" && c.Comment == "" && c.At.IsZero():
		return talk.Refuse(talk.Invalid, "thread", "Say which thread.")
	case c.Kind == talk.Seen:
		return nil
	case (c.Thread == "") == (c.Topic == ""):
		return talk.Refuse(talk.Invalid, "thread", "Say which thread, or which topic.")
	case c.Topic != "":
		if c.Topic = talk.TopicKey(c.Topic); c.Topic == "" {
			return talk.Refuse(talk.NotFound, "topic", "There is no such topic.")
		}
	}
	return nil
}

func checkText(text string) error {
	if err := talk.CheckText(text); err != nil {
		return err
	}
	if n := uniseg.GraphemeClusterCount(text); n > talk.TextChars {
		return talk.Refuse(talk.TooLong, "text", "This has %d characters; %d is the most. Please shorten it.", n, talk.TextChars)
	}
	return nil
}

// renderBody returns the HTML of the text of a post or an edit, and whom it
// mentions, or why it can't be one.
func (f *Forum) renderBody(ctx context.Context, c *talk.Command) (html string, mentions []Mentioned, err error) {
	if err := talk.CheckBody(c.Body); err != nil {
		return "", nil, err
	}
	if n := uniseg.GraphemeClusterCount(c.Body); n > talk.BodyChars {
		return "", nil, talk.Refuse(talk.TooLong, "body", "This comment has %d characters; %d is the most. Please shorten it.", n, talk.BodyChars)
	}
	html, mentions, err = f.renderMentions(ctx, c)
	if err == nil && markdown.Unseen(html) {
		err = talk.Refuse(talk.Invalid, "body", "Nothing of this comment would be seen. Please write some text.")
	}
	return html, mentions, err
}

func (f *Forum) preparePost(ctx context.Context, w *Write) (err error) {
	c := &w.Command
	if w.HTML, w.Mentions, err = f.renderBody(ctx, c); err != nil {
		return err
	}
	if c.Name == "" {
		known, err := f.Person(ctx, w.Person.ID)
		if err != nil {
			return err
		}
		c.Name, c.Headline = known.Name, known.Headline
	}
	if w.Person.Name, err = talk.CleanName(c.Name); err != nil {
		return err
	}
	if w.Person.Headline, err = talk.CleanHeadline(c.Headline); err != nil {
		return err
	}
	if uniseg.GraphemeClusterCount(w.Person.Name) > talk.NameChars {
		return talk.Refuse(talk.TooLong, "name", "Your name is too long: %d characters are the most.", talk.NameChars)
	}
	if uniseg.GraphemeClusterCount(w.Person.Headline) > talk.HeadlineChars {
		return talk.Refuse(talk.TooLong, "headline", "Your headline is too long: %d characters are the most.", talk.HeadlineChars)
	}
	w.ID = NewID()
	return nil
}

// digest is of what a command means, so that a ref that comes again with
// something else is noticed.
func digest(c talk.Command) []byte {
	b, _ := json.Marshal(c) // a struct of strings and a bool: can't fail
	sum := sha256.Sum256(b)
	return sum[:16]
}
