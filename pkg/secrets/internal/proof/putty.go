package proof

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
)

// maxPuTTYLines bounds the lines of base 64 of one half; a key of 16384 bits has under 130.
const maxPuTTYLines = 1000

// readPuTTY reads a file of PuTTY, versions 1 to 3. The public half stands in clear, and
// everything is under a MAC, whose key is known where there is no passphrase.
//
// Source: the PuTTY User Manual, appendix "PPK file format"; version 2 is described in
// PuTTY's sshpubk.c.
func readPuTTY(b []byte) Key {
	text := strings.ReplaceAll(strings.ReplaceAll(string(b), "\r\n", "\n"), "\r", "\n")
	fields := map[string]string{}
	blobs := map[string][]byte{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		name, value, ok := strings.Cut(strings.TrimSpace(lines[i]), ": ")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(value)
		if !strings.HasSuffix(name, "-Lines") || err != nil || n < 0 || n > min(maxPuTTYLines, len(lines)-i-1) {
			fields[name] = value
			continue
		}
		blob, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(strings.Join(lines[i+1:i+1+n], ""), " ", ""))
		if err == nil {
			blobs[name] = blob
		}
		i += n
	}
	version := ""
	for _, v := range []string{"1", "2", "3"} {
		if fields["PuTTY-User-Key-File-"+v] != "" {
			version = v
		}
	}
	public, private := blobs["Public-Lines"], blobs["Private-Lines"]
	k := sshPublic(public)
	k.Format, k.Comment = "PuTTY "+version, words(fields["Comment"])
	switch cipher := fields["Encryption"]; {
	case version == "":
		k.Format, k.Problem = "PuTTY", "of a version that is not known"
	case public == nil || len(private) == 0:
		k.Problem = "cut off"
	case cipher != "none":
		k.Encrypted, k.Cipher, k.KDF = true, words(cipher), "SHA-1, 1 round"
		if kdf := fields["Key-Derivation"]; kdf != "" {
			k.KDF = words(kdf) + ", " + words(fields["Argon2-Memory"]) + " KiB, " + words(fields["Argon2-Passes"]) + " passes"
		}
	case version != "1" && k.Problem == "" && !puttyMAC(version, fields, public, private):
		k.Problem = "its MAC is wrong: damaged"
	}
	return k
}

// puttyMAC checks the MAC of a file without a passphrase.
func puttyMAC(version string, fields map[string]string, public, private []byte) bool {
	sum := func() hash.Hash { return hmac.New(sha256.New, nil) }
	if version == "2" {
		key := sha1.Sum([]byte("putty-private-key-file-mac-key"))
		sum = func() hash.Hash { return hmac.New(sha1.New, key[:]) }
	}
	mac := sum()
	mac.Write(wire(fields["PuTTY-User-Key-File-"+version]).text("none").text(fields["Comment"]).bytes(public).bytes(private))
	want, err := hex.DecodeString(strings.TrimSpace(fields["Private-MAC"]))
	return err == nil && hmac.Equal(mac.Sum(nil), want)
}
