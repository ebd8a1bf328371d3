package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"folkmoot/bench/rig"
)

const (
	dialWithin   = 20 * time.Second
	eachAddress  = 10_000 // sockets from one address of this machine: its ports are 28,000 or fewer
	freePortLate = 24     // IP_BIND_ADDRESS_NO_PORT of linux/in.h: choose the port when connecting
)

// open opens the nth socket, upgrades it and says hello. It returns what came
// after the upgrade, too. The socket blocks.
func open(addr, path string, n, receiveBuffer int, hello []byte) (fd int, rest []byte, err error) {
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return -1, nil, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return -1, nil, err
	}
	fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("opening socket %d: %w", n+1, err), syscall.Close(fd))
		}
	}()
	if err := prepare(fd, n, receiveBuffer); err != nil {
		return fd, nil, err
	}
	to := &syscall.SockaddrInet4{Port: port}
	copy(to.Addr[:], net.ParseIP(host).To4())
	if err := syscall.Connect(fd, to); err != nil {
		return fd, nil, err
	}
	const key = "dGhlIHNhbXBsZSBub25jZQ==" // any will do
	if _, err := syscall.Write(fd, rig.Request("GET", path, addr, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "+key+"\r\n", nil)); err != nil {
		return fd, nil, err
	}
	if rest, err = upgraded(fd); err != nil {
		return fd, nil, err
	}
	if len(hello) > 0 {
		_, err = syscall.Write(fd, hello)
	}
	return fd, rest, err
}

// prepare sets what must be set before connecting.
func prepare(fd, n, receiveBuffer int) error {
	within := syscall.NsecToTimeval(dialWithin.Nanoseconds())
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &within); err != nil {
		return err
	}
	if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
		return err
	}
	if receiveBuffer > 0 {
		if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, receiveBuffer); err != nil {
			return err
		}
	}
	if n < eachAddress {
		return nil
	}
	if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, freePortLate, 1); err != nil {
		return err
	}
	return syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(1 + n/eachAddress)}})
}

// upgraded reads the answer to an upgrade.
func upgraded(fd int) (rest []byte, err error) {
	var answer []byte
	buf := make([]byte, 4096)
	for {
		n, err := syscall.Read(fd, buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return nil, err
		case n == 0:
			return nil, fmt.Errorf("the connection was closed after %q", answer)
		}
		answer = append(answer, buf[:n]...)
		header, rest, ok := bytes.Cut(answer, []byte("\r\n\r\n"))
		switch {
		case ok && bytes.HasPrefix(header, []byte("HTTP/1.1 101 ")):
			return rest, nil
		case ok || len(answer) > 16<<10:
			return nil, fmt.Errorf("an upgrade was answered with %.500q", answer)
		}
	}
}

const (
	opMore  = 0 // of the message before
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
	lastBit = 0x80 // of a message's last frame
)

// clientFrame is masked, as a browser's must be; with zeros, which leave the
// payload as it is.
func clientFrame(op byte, payload []byte) []byte {
	f := []byte{lastBit | op}
	switch n := len(payload); {
	case n <= 125:
		f = append(f, 0x80|byte(n))
	default:
		f = append(f, 0x80|126, byte(n>>8), byte(n))
	}
	return append(append(f, 0, 0, 0, 0), payload...)
}

// cutFrame takes a server's frame off the front; first is its first byte. ok is
// false while it isn't there as a whole.
func cutFrame(b []byte) (first byte, payload, rest []byte, ok bool, err error) {
	if len(b) < 2 {
		return 0, nil, b, false, nil
	}
	head, size := 2, int(b[1])
	switch {
	case b[0]&0x70 != 0 || size > 127:
		return 0, nil, b, false, fmt.Errorf("a frame that is compressed or masked: % x", b[:2])
	case size == 126 && len(b) >= 4:
		head, size = 4, int(b[2])<<8|int(b[3])
	case size == 127 && len(b) >= 10:
		head, size = 10, int(b[6])<<24|int(b[7])<<16|int(b[8])<<8|int(b[9])
		if b[2]|b[3]|b[4]|b[5] != 0 || size > frameMax {
			return 0, nil, b, false, fmt.Errorf("a frame that is too large: % x", b[:10])
		}
	case size > 125:
		return 0, nil, b, false, nil
	}
	if len(b) < head+size {
		return 0, nil, b, false, nil
	}
	return b[0], b[head : head+size], b[head+size:], true, nil
}

// frameMax is more than anybody here sends in one.
const frameMax = 4 << 20
