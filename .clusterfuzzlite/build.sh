#!/bin/sh
exec ci/oss-fuzz/build.sh
