//go:build unix

package postgres

import "syscall"

// freeze stops one session of a server, which holds its connection, and thaw
// lets it go on.
func freeze(pid int) error { return syscall.Kill(pid, syscall.SIGSTOP) }

func thaw(pid int) error { return syscall.Kill(pid, syscall.SIGCONT) }
