package plain

import (
	"encoding/json"
	"time"

	"folkmoot/app/talk"
)

// linkedDepth is how deep comments nest for search engines: some readers of JSON
// give up on a long chain.
const linkedDepth = 16

// Linked is a thread as search engines read it: JSON-LD of schema.org's
// DiscussionForumPosting, which shares the article, with its comments nested
// (https://developers.google.com/search/docs/appearance/structured-data/discussion-forum).
// It is JSON that can't end the script element around it. The page is where the
// thread is read: a comment stands there at its fragment.
func Linked(v talk.View, page string) ([]byte, error) {
	t := v.Thread
	article := t.Article()
	site := talk.SiteOf(article)
	headline := t.Title
	if headline == "" {
		headline = article
	}
	post := posting{
		Context: "https://schema.org", Type: "DiscussionForumPosting", ID: page, URL: page,
		Headline: headline, Text: headline, Keywords: t.Topics,
		Author:    author{Type: "Organization", Name: site, URL: "https://" + site},
		Published: t.At.UTC().Format(time.RFC3339),
		Shared:    &shared{Type: "WebPage", URL: article, Name: headline},
		Statistics: []counter{
			{"InteractionCounter", "https://schema.org/CommentAction", t.Comments},
		},
		CommentCount: t.Comments,
		Comments:     linkedBranches(tree(v.Comments, linkedDepth), page),
	}
	if _, origin, err := talk.PageKey(article); err == nil {
		post.Author.URL = origin
	}
	if likes := t.Reactions["like"]; likes > 0 {
		post.Statistics = append(post.Statistics, liked(likes))
	}
	return json.Marshal(post) // with < as \u003c
}

type (
	posting struct {
		Context      string          `json:"@context"`
		Type         string          `json:"@type"`
		ID           string          `json:"@id"`
		URL          string          `json:"url"`
		Headline     string          `json:"headline"`
		Text         string          `json:"text"`
		Keywords     []string        `json:"keywords,omitempty"`
		Author       author          `json:"author"`
		Published    string          `json:"datePublished"`
		Shared       *shared         `json:"sharedContent"`
		Statistics   []counter       `json:"interactionStatistic"`
		CommentCount int             `json:"commentCount"`
		Comments     []linkedComment `json:"comment,omitempty"`
	}
	author struct {
		Type string `json:"@type"`
		Name string `json:"name"`
		URL  string `json:"url,omitempty"`
	}
	shared struct {
		Type string `json:"@type"`
		URL  string `json:"url"`
		Name string `json:"name"`
	}
	counter struct {
		Type  string `json:"@type"`
		Of    string `json:"interactionType"`
		Count int    `json:"userInteractionCount"`
	}
	linkedComment struct {
		Type       string          `json:"@type"`
		URL        string          `json:"url"`
		Text       string          `json:"text"`
		Author     author          `json:"author"`
		Published  string          `json:"datePublished"`
		Modified   string          `json:"dateModified,omitempty"`
		Status     string          `json:"creativeWorkStatus,omitempty"`
		Upvotes    int             `json:"upvoteCount,omitempty"`
		Statistics *counter        `json:"interactionStatistic,omitempty"`
		Comments   []linkedComment `json:"comment,omitempty"`
	}
)

func liked(n int) counter { return counter{"InteractionCounter", "https://schema.org/LikeAction", n} }

func linkedBranches(branches []branch, page string) []linkedComment {
	var all []linkedComment
	for _, b := range branches {
		c := linkedComment{
			Type: "Comment", URL: page + "#comment-" + b.ID, Text: Text(b.HTML), Author: author{Type: "Person", Name: b.Author.Name},
			Published: b.At.UTC().Format(time.RFC3339), Comments: linkedBranches(b.replies, page),
		}
		if b.State == talk.Removed {
			c.Status, c.Text, c.Author.Name = "Deleted", "[deleted]", "[deleted]"
		}
		if !b.EditedAt.IsZero() {
			c.Modified = b.EditedAt.UTC().Format(time.RFC3339)
		}
		if b.Likes > 0 {
			n := liked(b.Likes)
			c.Upvotes, c.Statistics = b.Likes, &n
		}
		if c.Text == "" { // a picture, or nothing but what is hidden
			c.Text = "…"
		}
		all = append(all, c)
	}
	return all
}
