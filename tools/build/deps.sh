#!/bin/bash
# Sees to the packages that a make target needs: deps.sh GROUP...
# Looks for one file of each package; nothing is run and nothing is asked when all are there. What is missing is installed by apt-get as root or by a
# sudo that asks for no password; otherwise the one command to run is printed. The names are those of Debian 12 and 13 and of Ubuntu 24.04.
set -euo pipefail

# group  file below /usr or /usr/local ("!name": a command)       package, or several names of it with | between; CLANG: the version of the system's clang
readonly NEEDS='
build    !g++                                                       g++
build    include/dnnl.hpp                                           libdnnl-dev
build    include/turbojpeg.h                                        libturbojpeg0-dev
build    include/spng.h                                             libspng-dev
build    include/libdeflate.h                                       libdeflate-dev
build    include/stb/stb_image.h                                    libstb-dev
build    include/nlohmann/json.hpp                                  nlohmann-json3-dev
build    include/zlib.h                                             zlib1g-dev
build    include/CLI/CLI.hpp                                        libcli11-dev
build    include/doctest/doctest.h                                  doctest-dev
build    bin/python3                                                python3
build    include/cblas.h                                            libblas-dev
build    include/dlib/image_processing.h                            libdlib-dev
build    share/dlib/shape_predictor_68_face_landmarks.dat           libdlib-data
video    include/libavformat/avformat.h                             libavformat-dev
video    include/libavcodec/avcodec.h                               libavcodec-dev
video    include/libswscale/swscale.h                               libswscale-dev
clang    !clang++                                                   clang
clang    lib/llvm-*/lib/clang/*/include/omp.h                       libomp-dev
fuzz     !clang++                                                   clang
fuzz     lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer*.a     libclang-rt-CLANG-dev
onnx     lib/python3/dist-packages/onnx/__init__.py                 python3-onnx
ffmpeg   !ffmpeg                                                    ffmpeg
browser  !chromium                                                  chromium
format   !clang-format                                              clang-format-14|clang-format
python   lib/python3/dist-packages/torch/__init__.py                python3-torch
python   lib/python3/dist-packages/torchvision/__init__.py          python3-torchvision
python   lib/python3/dist-packages/sklearn/__init__.py              python3-sklearn
python   lib/*/openblas-openmp/libblas.so.3                         libopenblas0-openmp
python   lib/*/libtcmalloc_minimal.so.4                             libtcmalloc-minimal4t64|libtcmalloc-minimal4
'

present() {  # a file of the table
  [[ $1 == !* ]] && { command -v "${1#!}" > /dev/null; return; }
  compgen -G "/usr/$1" > /dev/null || compgen -G "/usr/local/$1" > /dev/null ||
    compgen -G "/usr/${1/#include/include/*-linux-gnu}" > /dev/null
}

missing() {  # the packages of the groups given whose file is not there
  local group file package
  while read -r group file package; do
    [[ " $* " == *" $group "* ]] && ! present "$file" && echo "$package"
  done <<< "$NEEDS" || true
}

for_clang() { echo "${wanted//CLANG/$(apt-cache depends clang 2> /dev/null | sed -n 's/^  Depends: clang-//p')}"; }

[[ -z $(missing "$@") ]] && exit 0

# make asks for several groups at once, and apt-get works for one at a time.
exec 9< "$0"
flock 9
wanted=$(missing "$@")
[[ -z $wanted ]] && exit 0

if [[ $EUID -eq 0 ]]; then root=()
elif sudo -n true 2> /dev/null; then root=(sudo -n)
else
  echo "packages are missing; install them with:"
  echo "  sudo apt-get install" $(for_clang | sed 's/.*|//')
  exit 1
fi
command -v apt-get > /dev/null || { echo "no apt-get here; install what these Debian packages hold:" $wanted; exit 1; }

echo "installing" $wanted
"${root[@]}" apt-get update -qq
wanted=$(for_clang)
chosen=()
for names in $wanted; do
  for name in ${names//|/ }; do
    [[ -n $(apt-cache madison "$name") ]] && { chosen+=("$name"); continue 2; }
  done
  echo "this system has no package $names; build it from source into /usr/local and run make again"
  exit 1
done
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${chosen[@]}"

wanted=$(missing "$@")
[[ -z $wanted ]] || { echo "installed, but its files are not where they were looked for:" $wanted; exit 1; }
