package checks

import (
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// The ids of the hygiene rules.
const (
	ruleDotenv        = "image-dotenv"
	ruleGitDir        = "image-git-dir"
	ruleVCSDir        = "image-vcs-dir"
	rulePrivateKey    = "image-private-key-file"
	ruleCredential    = "image-credential-file"
	ruleBuildTools    = "image-build-tools"
	rulePackageCache  = "image-package-cache"
	ruleSetuid        = "image-setuid"
	ruleCapability    = "image-file-capability"
	ruleWorldWritable = "image-world-writable"
	ruleUsualSetuid   = "image-usual-setuid"
	ruleUsualDevices  = "image-usual-devices"
)

const (
	refLayerSpec  = "https://github.com/opencontainers/image-spec/blob/main/layer.md"
	refDockerfile = "https://docs.docker.com/build/building/best-practices/"
	refSecrets    = "https://docs.docker.com/build/building/secrets/"
)

// Rules gives the catalogue of this package, sorted by id. The slices in it are
// the caller's own.
func Rules() []finding.Rule {
	rules := slices.Concat(hygieneRules(), configRules(), integrityRules(), claimRules())
	slices.SortFunc(rules, func(a, b finding.Rule) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	for i := range rules {
		if rules[i].Category == "" {
			rules[i].Category = finding.Config
		}
		if rules[i].CWE == nil {
			rules[i].CWE = []string{}
		}
		if rules[i].Controls == nil {
			rules[i].Controls = []string{}
		}
		for _, key := range rules[i].Controls {
			if id, ok := strings.CutPrefix(key, cis); ok {
				rules[i].CIS = append(rules[i].CIS, finding.BenchmarkControl{Benchmark: BenchmarkName, Version: BenchmarkVersion, ID: id})
			}
		}
	}
	return rules
}

func hygieneRules() []finding.Rule {
	return []finding.Rule{
		{
			ID: ruleDotenv, Category: finding.Hygiene, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Environment file in the image",
			Description: "Files like .env hold what an application is given at run time: passwords, tokens, addresses. " +
				"In an image they go wherever the image goes, and everyone who can pull it can read them. Templates " +
				"(.env.example and the like) and empty files are left out.",
			Remediation: "Name the file in .dockerignore, build again from the layer that added it, and hand the values in at run " +
				"time. Deleting it in a later layer does not take it out of the image. Change every secret that it held.",
			CWE: []string{"CWE-538", "CWE-526"}, Controls: []string{cisSecrets},
			References: []string{refDockerfile, refSecrets},
		},
		{
			ID: ruleGitDir, Category: finding.Hygiene, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Git repository in the image",
			Description: "A .git directory holds the whole history of the source, with every file that was ever committed, " +
				"the authors' addresses, and often a remote's address with a token in it.",
			Remediation: "Name .git in .dockerignore, or copy only what the application needs from a build stage. " +
				"Build again: a later rm leaves the repository in the layer below.",
			CWE: []string{"CWE-527"}, Controls: []string{cisSecrets},
			References: []string{refDockerfile},
		},
		{
			ID: ruleVCSDir, Category: finding.Hygiene, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Version control data in the image",
			Description: "The working data of Subversion, Mercurial or Bazaar hold addresses of servers, names of people, and " +
				"files or whole histories that the application does not need.",
			Remediation: "Name the directory in .dockerignore, or copy only what the application needs from a build stage.",
			CWE:         []string{"CWE-527"}, Controls: []string{cisSecrets},
			References: []string{refDockerfile},
		},
		{
			ID: rulePrivateKey, Category: finding.Hygiene, Severity: finding.High, Confidence: finding.Likely,
			Title: "Private key file in the image",
			Description: "A file whose name says that it is a private key or a key store. Whoever can pull the image can act as " +
				"the key's owner, and every container made of the image shares the one key. Judged by name; the secret rules " +
				"say whether the content is a key.",
			Remediation: "Treat the key as known to others: replace it. Mount keys at run time, and use a secret or SSH mount where a build needs one.",
			CWE:         []string{"CWE-321", "CWE-522"}, Controls: []string{cisSecrets},
			References: []string{refSecrets},
		},
		{
			ID: ruleCredential, Category: finding.Hygiene, Severity: finding.High, Confidence: finding.Likely,
			Title: "Credential file in the image",
			Description: "A file in which a well-known program keeps passwords or tokens. Judged by name; the secret rules say " +
				"whether there is one in it.",
			Remediation: "Take the file out of the build and out of the layer that added it, mount it as a build secret where a build " +
				"needs it, and change what it held.",
			CWE: []string{"CWE-522", "CWE-538"}, Controls: []string{cisSecrets},
			References: []string{refSecrets},
		},
		{
			ID: ruleBuildTools, Category: finding.Hygiene, Severity: finding.Low, Confidence: finding.Sure,
			Title: "Build tools in the image",
			Description: "Compilers, linkers, build systems, version control and debuggers are needed to make an application, hardly ever to " +
				"run it. They add weight and known flaws, and they are tools in an intruder's hand. Interpreters and the applets of busybox are not counted.",
			Remediation: "Build in one stage and copy the result into a final stage without the tools.",
			CWE:         []string{"CWE-1125"}, Controls: []string{cisUnneeded},
			References: []string{"https://docs.docker.com/build/building/multi-stage/"},
		},
		{
			ID: rulePackageCache, Category: finding.Hygiene, Severity: finding.Low, Confidence: finding.Sure,
			Title: "Package manager cache in the image",
			Description: "What a package manager downloaded and does not need again. It is stored, moved and scanned with " +
				"the image, also when a later layer deletes it.",
			Remediation: "Delete the cache in the instruction that fills it (apt-get clean and rm -rf /var/lib/apt/lists/*, apk add --no-cache, " +
				"pip install --no-cache-dir, npm cache clean --force), or keep it outside the image with a cache mount.",
			CWE: []string{"CWE-1125"}, Controls: []string{cisUnneeded},
			References: []string{"https://docs.docker.com/build/cache/optimize/"},
		},
		{
			ID: ruleSetuid, Category: finding.Hygiene, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Setuid or setgid file in the image",
			Description: "A program with this bit runs with the rights of its owner or group, whoever starts it. The few that every " +
				"distribution has are left out; shells, interpreters and programs that can start others are worse than the rest.",
			Remediation: "Take the bit off (chmod a-s) in the instruction that adds the file, and run containers with no-new-privileges.",
			CWE:         []string{"CWE-250", "CWE-269"}, Controls: []string{cisSetuid},
			References: []string{"https://man7.org/linux/man-pages/man7/inode.7.html"},
		},
		{
			ID: ruleUsualSetuid, Category: finding.Hygiene, Severity: finding.Info, Confidence: finding.Sure,
			Title: "Setuid programs that every distribution has",
			Description: "su, mount, passwd and their kin come with the distribution and have the bit for good reasons on a machine " +
				"that people log in to. A container hardly ever needs them.",
			Remediation: "Take the bits off (chmod a-s) in an instruction of your own, start from a base without them, or run containers with no-new-privileges.",
			CWE:         []string{"CWE-250"}, Controls: []string{cisSetuid},
			References: []string{"https://man7.org/linux/man-pages/man7/inode.7.html"},
		},
		{
			ID: ruleCapability, Category: finding.Hygiene, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "File with capabilities in the image",
			Description: "A program that carries Linux capabilities gains them whoever starts it, like a setuid program in a smaller way. " +
				"ping and its kin, which every distribution has, are left out.",
			Remediation: "Take the capability off (setcap -r) unless the application needs it, and run containers with no-new-privileges and without capabilities that they do not use.",
			CWE:         []string{"CWE-250", "CWE-269"}, Controls: []string{cisSetuid},
			References: []string{"https://man7.org/linux/man-pages/man7/capabilities.7.html"},
		},
		{
			ID: ruleWorldWritable, Category: finding.Hygiene, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "World-writable files or directories in the image",
			Description: "Every user of the container, also the least one, can change these files, or put others in the place of " +
				"what is in these directories. Symbolic links, devices and directories with the sticky bit are left out.",
			Remediation: "Give the files to the user that writes them (COPY --chown, --chmod) and take the right from others (chmod o-w).",
			CWE:         []string{"CWE-732", "CWE-276"},
			References:  []string{"https://man7.org/linux/man-pages/man7/inode.7.html"},
		},
		{
			ID: ruleUsualDevices, Category: finding.Hygiene, Severity: finding.Info, Confidence: finding.Sure,
			Title: "Device nodes that every container has",
			Description: "Tools that make root file systems put /dev/null and its kin into them. Runtimes lay a /dev of their own " +
				"over these nodes, so they do no harm and no good.",
			Remediation: "Nothing has to be done. A root file system made without device nodes also unpacks where nobody is root.",
			References:  []string{refLayerSpec},
		},
	}
}
