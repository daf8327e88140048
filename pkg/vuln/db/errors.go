package db

import "errors"

// What is wrong with a database, an archive or a listing.
var (
	// ErrNone says that a directory holds no database.
	ErrNone = errors.New("there is no vulnerability database")
	// ErrSchema says that a database is of a schema that this program does not read.
	ErrSchema = errors.New("the vulnerability database is of another schema")
	// ErrDamaged says that a database or an archive is truncated or otherwise damaged.
	ErrDamaged = errors.New("the vulnerability database is damaged")
	// ErrChecksum says that bytes are not those that their checksum tells.
	ErrChecksum = errors.New("the checksum is wrong")
	// ErrTooLarge says that an archive or a database is larger than the limits allow.
	ErrTooLarge = errors.New("it is larger than allowed")
)
