package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"folkmoot/app/talk"
	"folkmoot/server/forum"
)

// wood is a thread of roots with branches of so many replies, which stand
// anywhere in them. It returns the thread, all ids by their root, and each
// comment's parent.
func (w *world) wood(sizes ...int) (thread string, all, parents map[string]string) {
	thread, all, parents = w.thread(), map[string]string{}, map[string]string{}
	r := rand.New(rand.NewPCG(uint64(len(sizes)), 7))
	var writes []forum.Write
	for i, n := range sizes {
		root := w.post(talk.Person{ID: "ann", Name: "Ann"}, thread, "", fmt.Sprint("root ", i))
		branch := []string{root.ID}
		writes, all[root.ID] = append(writes, root), root.ID
		for range n {
			parent := branch[r.IntN(len(branch))]
			reply := w.post(talk.Person{ID: "bob", Name: "By " + parent}, thread, parent, "reply")
			branch = append(branch, reply.ID)
			writes, all[reply.ID], parents[reply.ID] = append(writes, reply), root.ID, parent
		}
	}
	for _, o := range w.commit(writes...) {
		if o.Err != nil {
			w.Fatal(o.Err)
		}
	}
	return thread, all, parents
}

var branchTests = map[string]func(*world){
	"a part, and what is missing": func(w *world) {
		thread, all, _ := w.wood(3, 40, 0, 7, 8)
		whole := w.view(thread, "", forum.Query{})
		direct := map[string]int{}
		byRoot := map[string][]string{}
		for _, c := range whole.Comments {
			direct[c.ID] = c.Replies
			byRoot[all[c.ID]] = append(byRoot[all[c.ID]], c.ID)
		}
		v := w.view(thread, "", forum.Query{Replies: 7})
		got := map[string][]string{}
		for _, c := range v.Comments {
			got[all[c.ID]] = append(got[all[c.ID]], c.ID)
			same(w, "replies of "+c.ID, c.Replies, direct[c.ID])
		}
		want := map[string]int{}
		for root, ids := range byRoot {
			same(w, "what is here", got[root], ids[:min(8, len(ids))])
			if len(ids) > 8 {
				want[ids[7]] = len(ids) - 8
			}
		}
		same(w, "what is missing", v.Rest, want)

		for last := range v.Rest { // all of it, in pages of 5
			root := all[last]
			read := got[root]
			for rest := (map[string]int{last: len(byRoot[root]) - len(read)}); len(rest) > 0; {
				q := forum.Query{Rest: read[len(read)-1], Replies: 3, Comments: 5}
				same(w, "what is missing", rest, map[string]int{q.Rest: len(byRoot[root]) - len(read)})
				part := w.view(thread, "", q)
				for _, c := range part.Comments {
					same(w, "replies of "+c.ID, c.Replies, direct[c.ID])
				}
				if len(part.Comments) > 5 || part.Branch != root || part.Next != "" || part.Prev != "" {
					w.Fatalf("%+v", part)
				}
				read, rest = append(read, ids(part.Comments)...), part.Rest
			}
			same(w, "the branch", read, byRoot[root])
		}
		same(w, "after a root", ids(w.view(thread, "", forum.Query{Rest: byRoot[whole.Comments[0].ID][0]}).Comments), byRoot[whole.Comments[0].ID][1:])
		same(w, "after the last", len(w.view(thread, "", forum.Query{Rest: whole.Comments[len(whole.Comments)-1].ID}).Comments), 0)
	},

	"around a comment far down in a branch": func(w *world) {
		thread, all, parents := w.wood(2, 50, 3)
		order := []string{}
		whole := w.view(thread, "", forum.Query{})
		for _, c := range whole.Comments {
			if all[c.ID] == all[whole.Comments[3].ID] {
				order = append(order, c.ID)
			}
		}
		for at, id := range order {
			v := w.view(thread, "", forum.Query{Around: id, Replies: 8})
			here := ids(v.Comments)
			if !slices.Contains(here, id) || len(here) != 3+9+4 {
				w.Fatalf("around the reply %d are %v", at, here)
			}
			var branch []string
			for _, c := range v.Comments {
				if all[c.ID] == order[0] {
					branch = append(branch, c.ID)
				}
			}
			from := slices.Index(order, branch[1])
			same(w, "the part", branch[1:], order[from:from+8])
			want := map[string]int{}
			if from > 1 {
				want[order[0]] = from - 1
			}
			if end := from + 8; end < len(order) {
				want[order[end-1]] = len(order) - end
			}
			same(w, "what is missing", v.Rest, want)
			answered := map[string]string{}
			for _, id := range branch[1:] {
				if parent := parents[id]; !slices.Contains(branch, parent) {
					answered[parent] = "By " + parents[parent]
				}
			}
			same(w, "who is answered", maps.Clone(v.Answered), nilIfEmpty(answered))
		}
		rest := w.view(thread, "", forum.Query{Rest: order[0], Comments: 4})
		same(w, "who is answered from the root's page", rest.Answered[order[0]], "Ann")
	},

	"pages have room for so many comments": func(w *world) {
		w.owner("olga")
		thread, all, _ := w.wood(3, 0, 0, 20, 1, 9, 9, 9, 2, 0, 0, 0, 30, 1)
		for n, id := range slices.Sorted(maps.Keys(all)) {
			if all[id] == id && n%3 == 0 {
				w.do(w.like(bob, id, true))
			}
		}
		for pinned := range 2 {
			if pinned == 1 {
				w.do(w.keep(olga, talk.Pin, rootsOf(w.view(thread, "", forum.Query{}))[5], true))
			}
			for _, sort := range sorts {
				whole := rootsOf(w.view(thread, "", forum.Query{Sort: sort}))
				for _, room := range []int{1, 5, 12, 25, 200} {
					q := forum.Query{Sort: sort, Roots: 6, Comments: room, Replies: 8}
					follow := func(v talk.View) (got []string) {
						got = rootsOf(v)
						for at := v; at.Prev != ""; {
							q.Around, q.Before, q.After = "", at.Prev, ""
							at = w.room(thread, q, 9*pinned) // with what is pinned, where it is the first
							got = append(rootsOf(at), got...)
						}
						for at := v; at.Next != ""; {
							q.Around, q.Before, q.After = "", "", at.Next
							at = w.room(thread, q, 0)
							got = append(got, rootsOf(at)...)
						}
						q.Before, q.After = "", ""
						return got
					}
					what := fmt.Sprintf("%s in pages of %d comments, %d pinned", sort, room, pinned)
					same(w, what, follow(w.room(thread, q, 0)), whole)
					for id, root := range all {
						if id != root && room != 12 {
							continue
						}
						q.Around = id
						v := w.room(thread, q, 9*pinned)
						if !slices.Contains(ids(v.Comments), id) {
							w.Fatalf("%s: %s isn't among %v", what, id, ids(v.Comments))
						}
						same(w, what+" around "+id, follow(v), whole)
						q.Around = ""
					}
				}
			}
		}
	},

	"the rest of nothing": func(w *world) {
		thread, other := w.thread(), w.thread()
		elsewhere := w.say(ann, other, "", "elsewhere")
		for _, id := range append([]string{elsewhere, "none", thread}, hostile...) {
			_, err := w.View(w.ctx(), thread, "", forum.Query{Rest: id, Roots: 2})
			w.refused(err, talk.NotFound, "comment")
			_, err = w.View(w.ctx(), "none", "", forum.Query{Rest: id, Roots: 2})
			w.refused(err, talk.NotFound, "thread")
		}
	},
}

// room reads a page, which must not have more comments than its query has room
// for, or the 9 of one root, but for what is pinned.
func (w *world) room(thread string, q forum.Query, pinned int) talk.View {
	w.Helper()
	v := w.view(thread, "", q)
	if n := len(v.Comments); n > max(q.Comments, 9)+pinned {
		w.Fatalf("%d comments on a page that has room for %d: %+v\n%v rest %v", n, q.Comments, q, ids(v.Comments), v.Rest)
	}
	return v
}

func nilIfEmpty(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}
