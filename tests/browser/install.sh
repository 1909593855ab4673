#!/bin/sh
# A Chromium for the browser tests: the installed one, else Debian's package as root, else Playwright's own download.
# Without any the browser tests are reported as skipped, loudly; the rest of the tests still count.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-core >/dev/null && exit 0
fi
"$1" -m playwright install chromium && exit 0
echo "NO CHROMIUM: the browser tests will be skipped." >&2
exit 0
