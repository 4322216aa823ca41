# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# How each library of the static program is built: a function of its name, run by dist/deps in the
# library's patched sources.  It installs into $prefix; $host is the GNU name of the machine that it is
# for, $arch that machine's; CC, AR, RANLIB and CFLAGS are set.  What a function says is part of the
# key under which its result is kept, so a change here builds that library, and what needs it, anew.

needs_curl='openssl'
needs_libarchive='xz-utils bzip2'
needs_libisal='nasm'

configure()
{
	./configure --host="$host" --prefix="$prefix" --disable-shared --enable-static \
		--disable-dependency-tracking "$@"
}

# pkgconfig NAME DESCRIPTION LIBS: for what comes without one
pkgconfig()
{
	mkdir -p "$prefix/lib/pkgconfig"
	cat >"$prefix/lib/pkgconfig/$1.pc" <<-EOF
	prefix=$prefix
	Name: $1
	Description: $2
	Version: $upstream
	Libs: -L\${prefix}/lib $3
	Cflags: -I\${prefix}/include
	EOF
}

build_zlib()
{
	./configure --static --prefix="$prefix"
	make -j"$jobs" libz.a
	make install
}

build_libzstd()
{
	local words="ZSTD_LEGACY_SUPPORT=0 ZSTD_LIB_DICTBUILDER=0 ZSTD_LIB_DEPRECATED=0 PREFIX=$prefix"

	make -j"$jobs" -C lib libzstd.a $words
	make -C lib install-static install-includes install-pc $words
}

# Its makefile for any Unix, of which igzip and what that needs are taken.
build_libisal()
{
	local as=$CC\ -D__ASSEMBLY__

	[ "$arch" != x86_64 ] || as=$(prefix_of nasm)/bin/nasm
	make -j"$jobs" -f Makefile.unx lib isa-l.h units='crc igzip' host_cpu="$arch" CC="$CC" AR="$AR" AS="$as"
	mkdir -p "$prefix/lib" "$prefix/include/isa-l"
	cp bin/isa-l.a "$prefix/lib/libisal.a"
	cp isa-l.h "$prefix/include/"
	cp include/*.h "$prefix/include/isa-l/"
	pkgconfig libisal ISA-L -lisal
}

# Debian's sources have no configure; what it would find on any Linux is little.
build_jansson()
{
	local f flags=(-Isrc -DUSE_URANDOM -DINITIAL_HASHTABLE_ORDER=3 -DHAVE_{ATOMIC,SYNC}_BUILTINS -DHAVE_STDINT_H
		-DHAVE_{ENDIAN,FCNTL,SCHED,UNISTD,LOCALE,SYS_PARAM,SYS_STAT,SYS_TIME,SYS_TYPES}_H
		-DHAVE_{CLOSE,GETPID,GETTIMEOFDAY,LOCALECONV,OPEN,READ,SCHED_YIELD,STRTOLL})

	mkdir -p "$prefix/lib" "$prefix/include"
	: >src/jansson_private_config.h
	sed 's/@json_inline@/inline/; s/@json_have_[a-z_]*@/1/' src/jansson_config.h.in >src/jansson_config.h
	for f in src/*.c; do
		$CC $CFLAGS "${flags[@]}" -c -o "${f%.c}.o" "$f"
	done
	$AR rcs "$prefix/lib/libjansson.a" src/*.o
	cp src/jansson.h src/jansson_config.h "$prefix/include/"
	pkgconfig jansson jansson -ljansson
}

build_bzip2()
{
	local f

	for f in blocksort huffman crctable randtable compress decompress bzlib; do
		$CC $CFLAGS -D_FILE_OFFSET_BITS=64 -c $f.c
	done
	mkdir -p "$prefix/lib" "$prefix/include"
	$AR rcs "$prefix/lib/libbz2.a" ./*.o
	cp bzlib.h "$prefix/include/"
	pkgconfig bzip2 bzip2 -lbz2
}

build_xz-utils()
{
	configure --disable-{xz,xzdec,lzmadec,lzmainfo,lzma-links,scripts,doc,nls,encoders} --enable-threads=no
	make -j"$jobs" -C src/liblzma install
}

# Tars, and of what they are packed with only what is not read by our own codecs.
build_libarchive()
{
	CPPFLAGS="-I$(prefix_of bzip2)/include -I$(prefix_of xz-utils)/include" \
		LDFLAGS="-L$(prefix_of bzip2)/lib -L$(prefix_of xz-utils)/lib" \
		configure --disable-{bsdtar,bsdcat,bsdcpio,bsdunzip,acl,xattr} --with-{bz2lib,lzma} \
		--without-{zlib,libb2,iconv,lz4,zstd,cng,openssl,nettle,mbedtls,xml2,expat}
	make -j"$jobs" install-libLTLIBRARIES install-includeHEADERS install-pkgconfigDATA
}

# All that a client of TLS 1.2 and 1.3 with certificates needs, and sha256; nothing is loaded at run time.
# The prefix is said twice, so that no path of this machine gets into the library.
build_openssl()
{
	./Configure "linux-$arch" --prefix=/usr --libdir=lib --openssldir=/etc/ssl \
		no-{shared,tests,apps,docs,module,dso,engine,autoload-config,ui-console,legacy} \
		no-{ssl3,tls1,tls1_1,dtls,quic,srp,srtp,comp,ssl-trace,cmp,cms,ct,ts,ocsp,rfc3779,scrypt,siv,ocb} \
		no-{aria,bf,blake2,camellia,cast,des,dsa,gost,idea,md4,mdc2,rc2,rc4,rmd160,seed,slh-dsa} \
		no-{sm2,sm3,sm4,whirlpool}
	make -j"$jobs" build_libs
	make install_dev DESTDIR="$PWD/stage"
	cp -a stage/usr/. "$prefix/"
	sed -i "s,^prefix=/usr$,prefix=$prefix," "$prefix"/lib/pkgconfig/*.pc
}

# HTTP and HTTPS.  Which certificates are the machine's is said by core/ca_files.h.
build_curl()
{
	PKG_CONFIG_LIBDIR=$(prefix_of openssl)/lib/pkgconfig configure \
		--with-openssl="$(prefix_of openssl)" --enable-threaded-resolver \
		--without-{zlib,brotli,zstd,libpsl,libssh2,nghttp2,libidn2,librtmp,gssapi,libuv,nghttp3,ngtcp2} \
		--without-{ca-bundle,ca-path} --enable-http \
		--disable-{ftp,file,ldap,ldaps,rtsp,dict,telnet,tftp,pop3,imap,smb,smtp,gopher,mqtt} \
		--disable-{manual,docs,libcurl-option,ares,ipfs,websockets,alt-svc,hsts,netrc,progress-meter,dnsshuffle} \
		--disable-{ntlm,kerberos-auth,negotiate-auth,aws,tls-srp,doh,cookies,mime,form-api,dateparse,bindlocal}
	make -j"$jobs" -C lib install
	make -C include install
	make install-pkgconfigDATA
}

# The assembler of libisal, for this machine.
build_nasm()
{
	./configure --prefix="$prefix"
	make -j"$jobs" nasm
	install -D nasm "$prefix/bin/nasm"
}
