// Package e2e tests Folkmoot as people meet it: the real program, its data on
// disk, and a real Chromium, in which every person has a browser of their own.
// It is a module of its own, so that the browser's driver stays out of the
// product's go.mod.
//
// Every test fails on what a person never sees but would suffer from: an error
// or warning on a console, an uncaught exception, a violation of the content
// security policy, a request to any other machine. A test that makes such
// noise on purpose says which with [person.expect].
//
// A failed test leaves a picture of every browser in build/e2e and says where.
package e2e
