module folkmoot/bench

go 1.26.0

require (
	folkmoot v0.0.0
	github.com/andybalholm/brotli v1.2.8
	github.com/gorilla/websocket v1.5.3
)

replace folkmoot => ../
