package rig

import (
	"fmt"
	"os"
	"path/filepath"
)

// Built is the absolute path of the program to measure.
func Built(server string) (string, error) {
	path, err := filepath.Abs(server)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("there is no server to measure (make build makes one): %w", err)
	}
	return path, nil
}

// Workplace makes a folder for data on the disk that the program lies on, not
// in a memory where nothing is durable; done removes it.
func Workplace() (dir string, done func() error, err error) {
	if err := os.MkdirAll("build", 0o755); err != nil {
		return "", nil, err
	}
	if dir, err = os.MkdirTemp("build", "data-"); err != nil {
		return "", nil, err
	}
	return dir, func() error {
		err := os.RemoveAll(dir)
		_ = os.Remove("build") // unless it holds something else
		return err
	}, nil
}
