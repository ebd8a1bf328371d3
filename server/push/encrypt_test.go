package push

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"testing"
)

func decoded(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The example of RFC 8291, section 5 and appendix A.
func TestTheExampleOfTheStandard(t *testing.T) {
	own, err := ecdh.P256().NewPrivateKey(decoded(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := seal(append([]byte("When I grow up, I want to be a watermelon"), 2),
		decoded(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"), decoded(t, "BTBZMqHH6r4Tts7J_aSIgg"),
		own, decoded(t, "DGv6ra1nlYgDCS1FRnbzlw"))
	if err != nil {
		t.Fatal(err)
	}
	want := decoded(t, "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")
	if !bytes.Equal(body, want) {
		t.Errorf("got  %x\nwant %x", body, want)
	}
}

// How much was said can't be seen from outside.
func TestLengthsAreHidden(t *testing.T) {
	browser, err := ecdh.P256().NewPrivateKey(decoded(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	lengths := map[int]bool{}
	for _, n := range []int{0, 1, padTo - 1, padTo, payloadBytes} {
		body, err := encrypt(bytes.Repeat([]byte("x"), n), browser.PublicKey().Bytes(), make([]byte, 16))
		if err != nil || len(body) > recordSize {
			t.Fatalf("%d bytes become %d: %v", n, len(body), err)
		}
		lengths[len(body)] = true
	}
	if len(lengths) != 3 {
		t.Errorf("the lengths are %v", lengths)
	}
	if _, err := encrypt([]byte("x"), make([]byte, 65), make([]byte, 16)); err == nil {
		t.Error("a key that is no point is taken")
	}
}
