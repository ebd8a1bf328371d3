package sqlite

import (
	"path/filepath"
	"testing"

	"folkmoot/server/forum"
	"folkmoot/server/store/storetest"
)

func TestStore(t *testing.T) {
	root := t.TempDir()
	storetest.Run(t, func(t *testing.T) forum.Store {
		return opened(t, filepath.Join(root, t.Name()))
	})
}

func opened(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
