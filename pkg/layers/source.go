package layers

import (
	"context"
	"io"
)

// Source is one place that images are read from.
//
// Its methods may be called from many goroutines.
type Source interface {
	// Images gives the images that were asked for, their layers described but
	// not read. It refuses, with an error that names the kind, artifacts that
	// are no images. What is wrong with one image alone stands in its ledger.
	Images(ctx context.Context) ([]*Image, error)

	// Blob opens the bytes of a layer as they are stored. The caller verifies
	// size and digests, reads to the end and closes. A blob that is not there
	// gives an error for which errors.Is(err, fs.ErrNotExist) holds.
	Blob(ctx context.Context, layer Layer) (io.ReadCloser, error)

	// Close releases what the source holds. Open readers become invalid.
	Close() error
}

// Stream is a source that can be read only once, from front to back, because
// it is a pipe or a compressed archive. Its Images answers after Next has
// returned [io.EOF], or another error: then with what is known until there, or
// with [ErrNoManifest] if that is not even the name of an image;
// its Blob always fails.
type Stream interface {
	Source

	// Next gives the next member of the stream that may be a layer, or io.EOF.
	// The body is valid until the next call; what is left of it is skipped.
	// Layer carries only what the stream says of it: Key, Size.
	// Manifests and configurations are held back for Images.
	Next(ctx context.Context) (Layer, io.Reader, error)

	// Seen tells the stream what the walk found a member to be, so that Images
	// can match members to the layers that manifests name by digest.
	Seen(key string, facts *Facts)
}

// Options say how images are opened. The zero value works: this machine's
// architecture on linux, the user's own Docker credentials, HTTPS.
type Options struct {
	Platform     string // os/arch[/variant]; empty means linux and this machine's architecture
	AllPlatforms bool   // every platform of an index

	// Beside reads also the bills of materials and VEX documents that lie beside an
	// image: attestations in its index, and what refers to it (in an OCI layout, and in
	// a registry, which is asked for a list of that unless NoReferrers says not to).
	Beside      bool
	NoReferrers bool

	Registry Registry
	Daemon   Daemon

	Stdin  io.Reader // what the target "-" reads; nil means no standard input
	Limits Limits
}

// Registry are the options of registry sources.
type Registry struct {
	PlainHTTP bool     // speak HTTP with the registry; loopback addresses are tried over HTTP in any case
	Insecure  bool     // do not verify the server's certificate
	CAFile    string   // PEM file of further trusted authorities
	Username  string   // with Password: used instead of the Docker configuration
	Password  string   // never printed
	Mirrors   []string // host[:port][/prefix], tried in order before the registry itself; the prefix goes before the repository's name, http:// before the host speaks HTTP
	Retries   int      // attempts after the first for each request; 0 means 4, negative none
	UserAgent string   // empty means "imgaudit"
}

// Daemon are the options of daemon sources.
type Daemon struct {
	DockerHost string // unix socket URL; empty means DOCKER_HOST, then the usual sockets
	PodmanHost string // unix socket URL; empty means CONTAINER_HOST, then the usual sockets
}
