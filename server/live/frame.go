package live

import (
	"bytes"
	"encoding/binary"
	"encoding/json"

	"github.com/gorilla/websocket"
)

// headerMax is the room for a frame's header. A server's frames are not masked,
// so the same bytes serve every viewer, and several frames can be written at
// once: the kernel takes as long for one as for many.
const headerMax = 10

// frame makes a text frame of a message. HTML stays as it is, because nothing
// reads a frame as HTML and escaping would make comments a third longer.
func frame(message any) []byte {
	var b bytes.Buffer
	b.Write(make([]byte, headerMax))
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(message) // strings, numbers, times and maps of them: can't fail
	return seal(websocket.TextMessage, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// control makes a control frame; its payload has 125 bytes at most.
func control(opcode byte, payload []byte) []byte {
	return seal(opcode, append(make([]byte, headerMax, headerMax+len(payload)), payload...))
}

// seal writes the header before the payload, which begins at headerMax (RFC
// 6455, 5.2).
func seal(opcode byte, b []byte) []byte {
	switch n := len(b) - headerMax; {
	case n <= 125:
		b = b[8:]
		b[1] = byte(n)
	case n <= 0xFFFF:
		b = b[6:]
		b[1] = 126
		binary.BigEndian.PutUint16(b[2:], uint16(n))
	default:
		b[1] = 127
		binary.BigEndian.PutUint64(b[2:], uint64(n))
	}
	b[0] = 0x80 | opcode
	return b
}
