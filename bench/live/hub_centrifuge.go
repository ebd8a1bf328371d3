package main

import (
	"context"
	"net/http"
	"time"

	"github.com/centrifugal/centrifuge"

	"folkmoot/app/talk"
)

// centrifuged is centrifuge's server library with its memory broker: a channel
// for each thread, to which clients subscribe, without history and recovery.
type centrifuged struct {
	*centrifuge.WebsocketHandler
	node *centrifuge.Node
}

// newCentrifuge is at its defaults, or tuned as its makers advise for many
// connections that are mostly idle.
func newCentrifuge(tuned bool) (hub, error) {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		return nil, err
	}
	anybody := func(*http.Request) bool { return true }
	sockets := centrifuge.WebsocketConfig{CheckOrigin: anybody}
	answer := centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{}}
	if tuned {
		sockets = centrifuge.WebsocketConfig{
			CheckOrigin: anybody, ReadBufferSize: 512, WriteBufferSize: 512, UseWriteBufferPool: true, ProcessCommandsOffReadLoop: true,
		}
		answer.WriteDelay, answer.WriteWithTimer, answer.MaxMessagesInFrame = 50*time.Millisecond, true, -1
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) { return answer, nil })
	node.OnConnect(func(c *centrifuge.Client) {
		c.OnSubscribe(func(_ centrifuge.SubscribeEvent, done centrifuge.SubscribeCallback) {
			done(centrifuge.SubscribeReply{}, nil)
		})
	})
	if err := node.Run(); err != nil {
		return nil, err
	}
	return &centrifuged{centrifuge.NewWebsocketHandler(node, sockets), node}, nil
}

func (c *centrifuged) viewers() int { return c.node.Hub().NumSubscriptions() }

func (c *centrifuged) publish(thread string) (publish, error) {
	return func(e talk.Event) error {
		data, err := encode(e)
		if err != nil {
			return err
		}
		_, err = c.node.Publish(thread, data)
		return err
	}, nil
}
