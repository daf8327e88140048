package secrets

import (
	"regexp"
	"sync"
)

// expression is one that is compiled when it is first asked for: compiling all would take a fifth
// of the time until a scan begins, and most are asked for by few images. Of a rule's it is asked
// only for texts that an [exact] cannot tell.
type expression struct {
	source   string
	compiled func() *regexp.Regexp
}

func newExpression(source string) *expression {
	return &expression{source, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })}
}

func (e *expression) String() string { return e.source }

func (e *expression) MatchString(s string) bool { return e.compiled().MatchString(s) }

func (e *expression) Match(b []byte) bool { return e.compiled().Match(b) }
