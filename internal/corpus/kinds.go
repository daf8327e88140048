package corpus

// kind is one kind of secret, or of look-alike.
type kind struct {
	name     string
	variable string // that holds it; empty for what stands in a file of its own only
	path     string // of its own file; empty if it may stand in any
	template string
	special  func(*random) sample // instead of the template
	note     string
}

// make gives one secret of the kind.
func (k kind) make(r *random) sample {
	var s sample
	if k.special != nil {
		s = k.special(r)
	} else {
		s = fill(r, k.template)
	}
	if s.note == "" {
		s.note = k.note
	}
	s.path = k.path
	s.variable = k.variable
	if s.variable != "" {
		s.entry = s.text
		if s.entry == "" {
			s.entry = s.value
		}
	}
	return s
}

// secretKinds gives every kind of true secret. The order says which places each gets, so
// that new ones go to the end of their table.
func secretKinds() []kind {
	var all []kind
	for _, table := range [][]kind{
		hostingTokens(), cloudTokens(), serviceTokens(), modelTokens(), computedTokens(), urlSecrets(),
		keyFiles(), packageManagerFiles(), userFiles(), serverFiles(), networkFiles(),
		frameworkFiles(), deploymentFiles(), desktopFiles(), sourceFiles(),
	} {
		all = append(all, table...)
	}
	return all
}
