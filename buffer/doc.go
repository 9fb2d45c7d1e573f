// Package buffer is the gateway's memory on flash: the texts that wait for the
// network and every record that must outlive the process.
//
// It holds custody. What one message decides is written in one transaction and
// is on disk when [Store.Commit] returns: all of it, or nothing. A text stays
// until the network has accepted its last part, and is remembered for a while
// with what status reports then say of it.
//
// [Open] never refuses because of damage. What cannot be read is set aside,
// what can be read goes on in a fresh store, and [Recovery] says in words and
// numbers what was lost. It also never loses in silence: each transaction
// carries a census of everything the store should hold, which is compared with
// what is found there at the next start.
//
// Below a directory of its own the store keeps
//
//	lock             the process id of the agent that holds the directory
//	store/           the Badger database
//	store.broken-1/  evidence: a database that could not be read in full
//	page             the last known census, outside the database
//	ballast          space that is given back when the disk is full
//
// Instants are time.Durations on the gateway's own steady timeline, which never
// goes back and survives restarts.
package buffer
