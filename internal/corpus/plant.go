package corpus

// What became of the file that holds a plant.
const (
	Present     = "present"
	Deleted     = "deleted"
	Overwritten = "overwritten"
)

// NoLayer is the layer of plants in the configuration and in the history.
const NoLayer = -1

// Plant is one planted secret, or one look-alike.
type Plant struct {
	ID    string // kind/place/fate; stable over seeds
	Kind  string
	Value string // what a scanner should report
	Place string // the kind of place
	Layer int    // from 0, or NoLayer
	Path  string // in the grammar of reports: app/a.jar!/b, app/.git!/COMMIT:path, config!/env/NAME, history!/N
	Fate  string // Present, Deleted or Overwritten
	True  bool   // false: a look-alike
	Note  string

	// Forms are other spellings of the same secret, which count as the value: the base64
	// of user:password where the file has only that.
	Forms []string
	// Beside are values in the same file that a scanner may report too, with neither credit
	// nor blame: the identifier that belongs to a key.
	Beside []string
}
