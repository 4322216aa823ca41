// SPDX-License-Identifier: Apache-2.0
/* Never run: dpkg-shlibdeps reads what it is linked with (debian/rules). */
#include <archive.h>
#include <curl/curl.h>

int main(void)
{
	return !curl_easy_init() || !archive_read_new();
}
