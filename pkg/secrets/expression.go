package secrets

import (
	"regexp"
	"sync"
)

// expression is that of a rule. Package regexp is asked only for texts that an [exact] cannot
// tell, and compiling all rules for it would take a fifth of the time until a scan begins.
type expression struct {
	source   string
	compiled func() *regexp.Regexp
}

func newExpression(source string) *expression {
	return &expression{source, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })}
}

func (e *expression) String() string { return e.source }
