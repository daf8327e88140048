#!/bin/bash
# Makes the images that the benchmarks read, from Debian and npm packages, as OCI
# layout directories: debian, node, python, jdk, go, big, and node once more with
# zstd layers and with plain ones.
#
#   sudo benchmarks/make-images.sh [-o DIR] [NAME…]
#
# It needs root (chroot), mmdebstrap, umoci, npm, go, some 15 GB of disk and the
# network. What exists is kept; delete an image's directory to make it again.
# Times inside are fixed by SOURCE_DATE_EPOCH, but package versions are those of
# the day, so that two runs months apart differ.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$here/images
while getopts o: flag; do
  case $flag in
    o) mkdir -p "$OPTARG"; out=$(cd "$OPTARG" && pwd) ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- debian node python jdk go big

suite=bookworm
export SOURCE_DATE_EPOCH=1735689600 LC_ALL=C DEBIAN_FRONTEND=noninteractive
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
work=$(mktemp -d "$out/.work.XXXXXX")
trap 'release; rm -rf "$work"' EXIT

release() { for m in proc dev; do umount -l "$work"/*/rootfs/$m 2>/dev/null || true; done; }

# The base: a layout with one layer, shared by all images but the Go one.
base() {
  [ -d "$out/.base" ] && return
  mmdebstrap --quiet --mode=root --variant=minbase --include=ca-certificates \
    "$suite" "$work/base.tar"
  new "$work/base"
  umoci raw add-layer --image "$work/base:latest" \
    --history.created_by "/bin/sh -c #(nop) ADD file:debian-$suite in / " --history.created "$created" "$work/base.tar"
  umoci config --image "$work/base:latest" --config.cmd bash --history.created "$created" \
    --history.created_by '/bin/sh -c #(nop)  CMD ["bash"]'
  rm "$work/base.tar"
  mv "$work/base" "$out/.base"
}

new() { umoci init --layout "$1"; umoci new --image "$1:latest"; }

# begin NAME [empty]: a layout to add layers to, with its root unpacked.
begin() {
  name=$1 image=$work/$1.oci root=$work/$1/rootfs
  if [ "${2:-}" = empty ]; then new "$image"; else base; cp -r "$out/.base" "$image"; fi
  umoci unpack --image "$image:latest" "$work/$1" >/dev/null
  echo "$(date +%T) $name: begun" >&2
}

# layer INSTRUCTION: what changed in the root since the last layer becomes one.
layer() {
  umoci repack --refresh-bundle --image "$image:latest" --history.created "$created" --history.created_by "$1" "$work/$name" >/dev/null
  echo "$(date +%T) $name: $1" >&2
}

# run COMMAND: runs it in the root as docker build would, and makes a layer of it.
run() {
  cp /etc/resolv.conf "$work/resolv.conf"
  cp "$root/etc/resolv.conf" "$work/resolv.saved" 2>/dev/null || : >"$work/resolv.saved"
  cp "$work/resolv.conf" "$root/etc/resolv.conf"
  mount -t proc proc "$root/proc"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"; chmod +x "$root/usr/sbin/policy-rc.d"
  nice chroot "$root" /bin/sh -c "$1" >"$work/$name.log" 2>&1 || { tail -20 "$work/$name.log" >&2; return 1; }
  rm -f "$root/usr/sbin/policy-rc.d"
  umount -l "$root/proc"
  cp "$work/resolv.saved" "$root/etc/resolv.conf"
  layer "RUN /bin/sh -c $1 # buildkit"
}

# config ARGUMENTS…: a step that makes no layer.
config() { umoci config --image "$image:latest" --history.created "$created" "$@"; }

end() {
  umoci gc --layout "$image" >/dev/null 2>&1
  rm -rf "${work:?}/$name"
  mv "$image" "$out/$name"
  echo "$(date +%T) $name: done" >&2
}

install='apt-get update && apt-get install -y --no-install-recommends'
clean='apt-get clean && rm -rf /var/lib/apt/lists/*'

make_debian() {
  begin debian
  run "$install curl git openssh-client vim-tiny perl gnupg locales tzdata jq"
  run "$install nginx-light redis-server sqlite3 postgresql-client && $clean"
  mkdir -p "$root/srv/app/log"
  for i in $(seq 200); do seq "$i" $((i + 500)) >"$root/srv/app/log/$i.log"; done
  echo 'MODE=benchmark' >"$root/srv/app/.env"
  layer 'COPY . /srv/app # buildkit'
  run 'rm -rf /srv/app/log /srv/app/.env /usr/share/doc /usr/share/man && chmod -R g-w /srv'
  run "apt-get purge -y vim-tiny && apt-get autoremove -y && $clean"
  config --config.user www-data --history.created_by 'USER www-data'
  end
}

make_node() {
  begin node
  run "$install nodejs && $clean"
  mkdir -p "$root/app"
  cp "$here/node-packages.json" "$root/app/package.json"
  layer 'COPY package.json /app/ # buildkit'
  (cd "$root/app" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error --cache "$out/.npm" >&2)
  layer 'RUN /bin/sh -c npm install # buildkit'
  mkdir -p "$root/app/src"
  for i in $(seq 300); do echo "module.exports = { id: $i, name: 'part-$i' };" >"$root/app/src/part-$i.js"; done
  layer 'COPY src /app/src # buildkit'
  (cd "$root/app" && npm prune --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error --cache "$out/.npm" >&2)
  layer 'RUN /bin/sh -c npm prune --omit=dev # buildkit'
  config --config.workingdir /app --config.cmd node --config.cmd src/part-1.js --history.created_by 'CMD ["node" "src/part-1.js"]'
  end
  recompress node
}

# recompress NAME: the same image with zstd layers and with plain ones.
recompress() {
  for form in zstd plain; do
    [ -d "$out/$1-$form" ] && continue
    (cd "$here/.." && nice go run ./benchmarks/recompress -to "$form" "$out/$1" "$work/$1-$form")
    mv "$work/$1-$form" "$out/$1-$form"
  done
}

make_python() {
  begin python
  run "$install python3 python3-pip python3-venv && $clean"
  run "$install python3-numpy python3-scipy python3-pandas python3-matplotlib python3-sklearn && $clean"
  run "$install python3-django python3-flask python3-sqlalchemy python3-requests python3-boto3 python3-celery python3-cryptography && $clean"
  mkdir -p "$root/app"; printf 'import django\nprint(django.VERSION)\n' >"$root/app/main.py"
  layer 'COPY main.py /app/ # buildkit'
  end
}

make_jdk() {
  begin jdk
  mkdir -p "$root/usr/share/man/man1"
  run "$install openjdk-17-jdk-headless && $clean"
  run "$install maven libspring-core-java libspring-web-java libspring-orm-java libspring-jdbc-java libhibernate3-java libtomcat9-java tomcat10 && $clean"
  run "$install ant gradle junit4 libguava-java libjackson2-databind-java libnetty-java liblucene4.10-java groovy scala clojure libbcprov-java && $clean"
  end
}

# Go binaries as Debian ships them and one built here, on an otherwise empty root.
make_go() {
  begin go empty
  mkdir -p "$root/etc/ssl/certs" "$root/tmp"; chmod 1777 "$root/tmp"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  echo 'nonroot:x:65532:65532::/home/nonroot:/sbin/nologin' >"$root/etc/passwd"
  echo 'nonroot:x:65532:' >"$root/etc/group"
  layer 'COPY /rootfs / # buildkit'
  mkdir -p "$root/usr/bin"
  for p in gitleaks:github.com/zricethezav/gitleaks/v8; do
    (cd "$here/.." && CGO_ENABLED=0 nice go build -trimpath -o "$root/usr/bin/${p%%:*}" "${p#*:}")
  done
  layer 'COPY /out/gitleaks /usr/bin/ # buildkit'
  mkdir "$work/debs"
  (cd "$work/debs" && apt-get download prometheus prometheus-node-exporter etcd-server caddy rclone containerd hugo >&2)
  for d in "$work"/debs/*.deb; do
    dpkg-deb -x "$d" "$work/x"
    find "$work/x/usr/bin" -type f -size +1M -exec cp -t "$root/usr/bin" {} +
    rm -rf "$work/x"
  done
  layer 'COPY /go/bin/ /usr/bin/ # buildkit'
  config --config.user 65532 --config.entrypoint /usr/bin/caddy --history.created_by 'ENTRYPOINT ["/usr/bin/caddy"]'
  end
}

# At least 1.5 GB raw, with one layer of about half of it.
make_big() {
  begin big
  run "$install python3 python3-numpy python3-scipy python3-pandas openjdk-17-jdk-headless && $clean"
  run "$install build-essential golang git && $clean"
  run "$install clang-14 llvm-14-dev rustc ghc && $clean"
  run 'rm -rf /usr/share/doc/* /usr/lib/go-*/test'
  end
}

for name in "$@"; do
  if [ -d "$out/$name" ]; then continue; fi
  "make_$name"
done
