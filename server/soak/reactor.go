package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"folkmoot/app/talk"
)

// likedMost is how many of a thread's comments are liked.
const likedMost = 10

// A reactor changes their mind all the time. What isn't acknowledged may have
// been done or not: the store knows.
type reactor struct {
	r     *run
	t     *thread
	token string
}

func newReactor(ctx context.Context, r *run, number int) (*reactor, error) {
	token, err := r.meet(ctx)
	return &reactor{r, r.threads[number%len(r.threads)], token}, err
}

func (x *reactor) react(ctx context.Context) {
	tick := time.NewTicker(x.r.reactEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			x.one(ctx)
		case <-x.r.quiet:
			return
		case <-ctx.Done():
			return
		}
	}
}

// one reacts to the article or likes a comment, or takes that back.
func (x *reactor) one(ctx context.Context) {
	method := []string{http.MethodPut, http.MethodDelete}[rand.IntN(2)]
	what := "threads/" + x.t.ID + "/reactions/" + talk.DefaultReactions[rand.IntN(len(talk.DefaultReactions))].Kind
	if comment := x.t.early(rand.IntN(likedMost)); comment != "" && rand.IntN(3) == 0 {
		what = "comments/" + comment + "/like"
	}
	within, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	_, err := x.r.ask(within, method, x.r.cluster.URL+"/api/v1/"+what, question{token: x.token}, nil)
	if err == nil || ctx.Err() != nil {
		return
	}
	if refused := (*talk.Error)(nil); errors.As(err, &refused) && refused.Code != talk.Unavailable {
		x.r.book.wrong("a reaction was refused: %v", err)
		return
	}
	x.r.book.refuse(reason(err))
}
