#!/usr/bin/env bash
# Makes build/package/visavis_VERSION_ARCH.deb from the release build; called by ./dev package.
set -euo pipefail

version=$(sed -n 's/^project(visavis VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
arch=$(dpkg --print-architecture)
work=build/package/work
tree=$work/debian/visavis
rm -rf build/package
mkdir -p "$tree/DEBIAN"

install -D -s -m 755 build/release/visavis "$tree/usr/bin/visavis"
install -D -m 644 deploy/visavis.service "$tree/lib/systemd/system/visavis.service"
install -D -m 644 deploy/visavis.socket "$tree/lib/systemd/system/visavis.socket"
install -D -m 640 deploy/visavis.toml "$tree/etc/visavis/visavis.toml"
install -D -m 644 LICENSE "$tree/usr/share/doc/visavis/copyright"
if [ -d web/dist ]; then
  mkdir -p "$tree/usr/share/visavis"
  cp -r web/dist "$tree/usr/share/visavis/web"
fi

# The libraries that the program was linked with, as Debian names them.
printf 'Source: visavis\n\nPackage: visavis\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O debian/visavis/usr/bin/visavis)

cat >"$tree/DEBIAN/control" <<END
Package: visavis
Version: $version
Architecture: $arch
Maintainer: The Visavis authors <visavis@localhost>
Section: net
Priority: optional
Depends: ${depends#shlibs:Depends=}, adduser
Description: video and voice calls on your own server
 One program with its own WebRTC SFU. Browsers, apps and servers that speak
 LiveKit's client protocol connect to it unchanged.
END
echo /etc/visavis/visavis.toml >"$tree/DEBIAN/conffiles"
install -m 755 deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm "$tree/DEBIAN/"
fakeroot dpkg-deb --build "$tree" "build/package/visavis_${version}_$arch.deb"
