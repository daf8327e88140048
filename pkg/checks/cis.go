package checks

// The benchmark that controls are numbered by. The wording here is our own; only
// the numbers are the benchmark's.
const (
	BenchmarkName    = "CIS Docker Benchmark"
	BenchmarkVersion = "1.7.0"

	cis = "cis-docker-" + BenchmarkVersion + ":"
)

// Ids of the controls that rules speak of.
const (
	cisUser      = cis + "4.1"
	cisUnneeded  = cis + "4.3"
	cisRebuilt   = cis + "4.4"
	cisHealth    = cis + "4.6"
	cisUpdate    = cis + "4.7"
	cisSetuid    = cis + "4.8"
	cisAdd       = cis + "4.9"
	cisSecrets   = cis + "4.10"
	cisVerified  = cis + "4.11"
	cisSSHD      = cis + "5.7"
	cisPrivPorts = cis + "5.8"
	cisPorts     = cis + "5.9"
	cisHealthRun = cis + "5.27"
	cisLatest    = cis + "5.28"
)

// Control is one control of a benchmark.
type Control struct {
	Benchmark string `json:"benchmark"`
	Version   string `json:"version"` // of the benchmark
	ID        string `json:"id"`      // the number, as 4.1
	Level     int    `json:"level"`   // the benchmark's profile, 1 or 2
	Title     string `json:"title"`   // in our words

	key      string
	needs    string   // what decides it, where an image does not
	rules    []string // that decide it
	live     bool     // only what the final view shows counts
	passed   string   // what a pass was seen in
	category string   // of further findings that count
}

// Key is how findings name the control: benchmark, version and number.
func (c Control) Key() string { return c.key }

const (
	atRun  = "how containers are started (a Compose file, a Kubernetes manifest)"
	atHost = "the host or the registry"
)

// BenchmarkControls lists the controls of sections 4 and 5, in their order.
func BenchmarkControls() []Control {
	list := []Control{
		{
			ID: "4.1", Level: 1, Title: "Containers run as a user of their own", rules: []string{ruleUserRoot, ruleEmptyPassword},
			passed: "the configuration names a user other than root, and no account of the image has an empty password",
		},
		{ID: "4.2", Level: 1, Title: "Base images are trusted ones", needs: "a list of trusted images"},
		{
			ID: "4.3", Level: 1, Title: "No packages that the application does not need", rules: []string{ruleBuildTools, rulePackageCache, ruleSudo}, live: true,
			passed: "no build tools and no package caches lie in the image; other packages were not judged",
		},
		{
			ID: "4.4", Level: 1, Title: "Images are scanned and rebuilt with fixes", rules: []string{ruleOld},
			passed: "the image was built less than half a year ago; whether it lacks fixes was not looked up",
		},
		{ID: "4.5", Level: 2, Title: "Content trust is enabled", needs: atHost},
		{
			ID: "4.6", Level: 1, Title: "Images have a health check", rules: []string{ruleNoHealthcheck},
			passed: "the configuration has a health check",
		},
		{
			ID: "4.7", Level: 1, Title: "Package lists are not fetched alone", rules: []string{ruleUpdateAlone},
			passed: "every RUN of the history that fetches package lists uses them, or none does",
		},
		{
			ID: "4.8", Level: 2, Title: "No setuid and setgid programs", rules: []string{ruleSetuid, ruleUsualSetuid, ruleCapability}, live: true,
			passed: "no file that a container shows has the setuid or setgid bit or capabilities",
		},
		{
			ID: "4.9", Level: 1, Title: "COPY is used, not ADD", rules: []string{ruleAdd},
			passed: "the history has no ADD but that of a base's root file system",
		},
		{
			ID: "4.10", Level: 1, Title: "No secrets in the image and its history", category: "secret",
			rules:  []string{ruleDotenv, ruleGitDir, ruleVCSDir, rulePrivateKey, ruleCredential, ruleSecretName, rulePasswordSet},
			passed: "no secret was found in any layer, the configuration and the history, and no file or variable that usually holds one",
		},
		{
			ID: "4.11", Level: 2, Title: "Only verified packages are installed", rules: []string{ruleCurlPipe, ruleVerification},
			passed: "no RUN of the history switches verification off or runs a download unseen",
		},
		{ID: "4.12", Level: 1, Title: "Signed artefacts are verified", needs: atHost},
		{ID: "5.1", Level: 1, Title: "Swarm mode is off where it is not used", needs: atHost},
		{ID: "5.2", Level: 1, Title: "An AppArmor profile is used", needs: atRun},
		{ID: "5.3", Level: 2, Title: "SELinux options are set", needs: atRun},
		{ID: "5.4", Level: 1, Title: "Capabilities are restricted", needs: atRun},
		{ID: "5.5", Level: 1, Title: "No privileged containers", needs: atRun},
		{ID: "5.6", Level: 1, Title: "No sensitive directories of the host are mounted", needs: atRun},
		{
			ID: "5.7", Level: 1, Title: "No SSH server in containers", rules: []string{ruleSSHD, ruleSSHPort}, live: true,
			passed: "no server for remote logins lies in the image, and port 22 is not exposed",
		},
		{
			ID: "5.8", Level: 1, Title: "No privileged ports of the host are mapped", rules: []string{rulePrivilegedPort},
			passed: "the image exposes no port below 1024; what is mapped is decided at the start",
		},
		{
			ID: "5.9", Level: 1, Title: "Only needed ports are open", rules: []string{ruleAdminPort, ruleSSHPort},
			passed: "the image exposes no port of remote administration or of a debugger; what is published is decided at the start",
		},
		{ID: "5.10", Level: 1, Title: "The host's network is not shared", needs: atRun},
		{ID: "5.11", Level: 1, Title: "Memory is limited", needs: atRun},
		{ID: "5.12", Level: 1, Title: "CPU is limited or weighted", needs: atRun},
		{ID: "5.13", Level: 1, Title: "The root file system is read-only", needs: atRun},
		{ID: "5.14", Level: 1, Title: "Ports are bound to one address of the host", needs: atRun},
		{ID: "5.15", Level: 1, Title: "Restarts after failures are limited", needs: atRun},
		{ID: "5.16", Level: 1, Title: "The host's processes are not shared", needs: atRun},
		{ID: "5.17", Level: 1, Title: "The host's IPC is not shared", needs: atRun},
		{ID: "5.18", Level: 1, Title: "No devices of the host are handed in", needs: atRun},
		{ID: "5.19", Level: 1, Title: "Limits for files and processes are changed only where needed", needs: atRun},
		{ID: "5.20", Level: 1, Title: "Mounts are not propagated as shared", needs: atRun},
		{ID: "5.21", Level: 1, Title: "The host's UTS names are not shared", needs: atRun},
		{ID: "5.22", Level: 1, Title: "The default seccomp profile is on", needs: atRun},
		{ID: "5.23", Level: 2, Title: "No privileged exec", needs: atHost},
		{ID: "5.24", Level: 2, Title: "No exec as root", needs: atHost},
		{ID: "5.25", Level: 1, Title: "Containers have the expected cgroup", needs: atRun},
		{ID: "5.26", Level: 1, Title: "Processes cannot gain privileges", needs: atRun},
		{
			ID: "5.27", Level: 1, Title: "Health is checked at run time", rules: []string{ruleNoHealthcheck},
			passed: "the image has a health check, which runtimes use unless they are told not to",
		},
		{
			ID: "5.28", Level: 1, Title: "The version that is meant is the one that runs", rules: []string{ruleLatestTag},
			passed: "the image was named by a version or a digest",
		},
		{ID: "5.29", Level: 1, Title: "The number of processes is limited", needs: atRun},
		{ID: "5.30", Level: 2, Title: "The default bridge is not used", needs: atRun},
		{ID: "5.31", Level: 1, Title: "The host's user namespace is not shared", needs: atRun},
		{ID: "5.32", Level: 1, Title: "The Docker socket is not mounted", needs: atRun},
	}
	for i := range list {
		list[i].Benchmark, list[i].Version = BenchmarkName, BenchmarkVersion
		list[i].key = cis + list[i].ID
	}
	return list
}
