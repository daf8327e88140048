package vuln

import (
	_ "github.com/anchore/grype/grype"
	_ "github.com/anchore/grype/grype/db/v6"
)
