package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// errLate is of a page whose thread was another one when threads were locked.
var errLate = errors.New("the page has got another thread meanwhile")

// errBroken is of a connection that was lost before a commit was under way.
var errBroken = errors.New("the connection to the database was lost")

// A fault is what can be done about an error.
type fault int

const (
	other      fault = iota // nothing
	aConflict               // somebody has written the same at the same time: look again
	ofOneWrite              // a write can't be kept: the others can, without it
	inTheWay                // others hold what is needed: try again
	elsewhere               // what is written to was merged into another thread: try again there
	broken                  // the connection: try on another one
)

// faultOf tells which fault an error is of, by PostgreSQL's codes.
func faultOf(err error) fault {
	var said *pgconn.PgError
	if moved := (movedTo{}); errors.As(err, &moved) {
		return elsewhere
	}
	if !errors.As(err, &said) {
		switch {
		case errors.Is(err, errBroken):
			return broken
		case errors.Is(err, errLate):
			return inTheWay
		}
		return other
	}
	switch said.Code {
	case "23505": // unique_violation
		return aConflict
	case "40001", "40P01", "55P03": // serialization_failure, deadlock_detected, lock_not_available
		return inTheWay
	case "57P01", "57P02", "57P03", "25P03": // admin_shutdown, crash_shutdown, cannot_connect_now, idle_in_transaction_session_timeout
		return broken
	}
	switch said.Code[:2] {
	case "22", "23", "54": // data exception, integrity violation, limit exceeded
		return ofOneWrite
	}
	return other
}
