package rig

import (
	"bufio"
	"bytes"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Describe returns which machine, which folder for data and which server this
// is. Figures without it mean nothing.
func Describe(dir, server string) (*Table, error) {
	system, err := filesystem(dir)
	if err != nil {
		return nil, err
	}
	median, p99, err := fsync(dir)
	if err != nil {
		return nil, err
	}
	built, err := buildinfo.ReadFile(server)
	if err != nil {
		return nil, err
	}
	memory, _ := strconv.Atoi(strings.Fields(field("/proc/meminfo", "MemTotal") + " 0")[0])
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	t := &Table{Head: []string{"machine", ""}}
	t.Add("processor", field("/proc/cpuinfo", "model name")+", "+strconv.Itoa(runtime.NumCPU())+" cores, shared by the server and this generator")
	t.Add("memory", fmt.Sprintf("%.1f GiB", float64(memory)/(1<<20)))
	t.Add("kernel", "Linux "+string(bytes.TrimSpace(kernel))+", "+runtime.GOARCH)
	t.Add("Go", built.GoVersion+" (server), "+runtime.Version()+" (generator)")
	t.Add("data", fmt.Sprintf("%s; writing 4 KiB and fsync: median %s, p99 %s", system, MS(median), MS(p99)))
	return t, nil
}

// Filesystems that forget (statfs(2)): an fsync there costs nothing and means
// nothing.
var inMemory = map[int64]string{0x01021994: "tmpfs", 0x858458f6: "ramfs"}

// filesystem names what a folder lies on, and refuses memory.
func filesystem(dir string) (string, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "", fmt.Errorf("statfs %s: %w", dir, err)
	}
	if name := inMemory[int64(s.Type)]; name != "" { //nolint:unconvert // 32 bits on some architectures
		return "", fmt.Errorf("%s lies on %s, where nothing is durable: run this where the disk is", dir, name)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	defer f.Close()
	best, name := "", ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		before, after, _ := strings.Cut(lines.Text(), " - ")
		mount, system := strings.Fields(before), strings.Fields(after)
		if len(mount) < 5 || len(system) < 2 {
			continue
		}
		if at := mount[4]; len(at) >= len(best) && (at == "/" || dir == at || strings.HasPrefix(dir, at+"/")) {
			best, name = at, system[0]+" on "+system[1]
		}
	}
	return fmt.Sprintf("%s (statfs 0x%x)", name, s.Type), nil
}

// fsync measures what a commit can't be faster than.
func fsync(dir string) (median, p99 time.Duration, err error) {
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	block := make([]byte, 4096)
	var took []time.Duration
	for range 200 {
		began := time.Now()
		if _, err := f.Write(block); err != nil {
			return 0, 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, 0, err
		}
		took = append(took, time.Since(began))
	}
	return Percentile(took, 50), Percentile(took, 99), nil
}

// field is the value of the first "name: value" line of a file under /proc, or
// empty.
func field(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
