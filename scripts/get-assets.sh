#!/usr/bin/env bash
# Fetches what the real captioner needs: torchvision's VGG16 weights (553 MB), BERT's vocabulary, Flickr8k (1.1 GB).
#
# usage: scripts/get-assets.sh [vgg16] [vocab] [flickr8k]     (default: all three)
#
# They go to assets/. An interrupted download continues where it stopped. A file gets its name once its check is passed,
# so what is there is whole. PLAINSIGHT_MIRROR=URL takes URL/NAME instead of each file's own address.
set -euo pipefail
if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0; fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
assets=assets

fail() {
  echo "get-assets: error: $*" >&2
  exit 1
}

has_sha256() { echo "$1  $2" | sha256sum --check --status; }

whole_zip() { unzip -tqq "$1" > /dev/null 2>&1; }

# download URL FILE CHECK...: leaves FILE, for which `CHECK... FILE` held, or fails.
download() {
  local url=$1 file=$2 part=$2.part attempt http curl_code
  shift 2
  if [ -e "$file" ]; then
    echo "$file is there"
    return
  fi
  if [ -n "${PLAINSIGHT_MIRROR:-}" ]; then url=$PLAINSIGHT_MIRROR/${url##*/}; fi
  for attempt in continued fresh; do
    if [ $attempt = fresh ]; then rm -f "$part"; fi
    if [ -e "$part" ]; then echo "$file: continuing after $(stat -c %s "$part") bytes"; fi
    curl_code=0
    http=$(curl --progress-bar --fail --location --retry 3 --continue-at - --write-out '%{http_code}' --output "$part" "$url") ||
      curl_code=$?
    if [ $attempt = continued ] && { [ "$http" = 416 ] || [ $curl_code -eq 33 ]; }; then
      # Nothing after what we have, or a server that cannot continue: the check below decides.
      curl_code=0
    fi
    [ $curl_code -eq 0 ] || fail "cannot fetch $url (curl says $curl_code). The same command continues where it stopped"
    if "$@" "$part"; then
      mv "$part" "$file"
      echo "$file: fetched and checked"
      return
    fi
    echo "$file: what was fetched does not pass its check" >&2
  done
  rm -f "$part"
  fail "$url does not give the expected file. Nothing was kept; look whether a proxy or the mirror changes it"
}

get_vgg16() {
  download https://download.pytorch.org/models/vgg16-397923af.pth $assets/vgg16-397923af.pth \
    has_sha256 397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0
}

get_vocab() {
  download https://huggingface.co/google-bert/bert-base-uncased/resolve/main/vocab.txt $assets/vocab.txt \
    has_sha256 07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3
}

# Flickr8k.token.txt ("x.jpg#0<TAB>caption") as Kaggle's captions.txt: a header, then CSV in the same order. One image of
# the token file has a name that does not exist ("....jpg.1").
to_csv() {
  awk -F '\t' 'BEGIN { print "image,caption" }
    { sub(/#[0-9]+\r?$/, "", $1); sub(/\r$/, "", $2) }
    $1 ~ /\.jpg$/ { if ($2 ~ /[",]/) { gsub(/"/, "\"\"", $2); $2 = "\"" $2 "\"" } print $1 "," $2 }' "$1"
}

get_flickr8k() {
  local base=https://github.com/jbrownlee/Datasets/releases/download/Flickr8k folder=$assets/flickr8k
  local captions_sha256=e6cf5e8d8025d25b50a4945c38580d96a940b78644f31a90368dfcdca3c7e036
  mkdir -p $folder
  download $base/Flickr8k_text.zip $folder/Flickr8k_text.zip whole_zip
  unzip -joq $folder/Flickr8k_text.zip 'Flickr8k.token.txt' 'Flickr_8k.*Images.txt' -d $folder
  if [ ! -e $folder/captions.txt ]; then
    to_csv $folder/Flickr8k.token.txt > $folder/captions.txt.part
    has_sha256 $captions_sha256 $folder/captions.txt.part || echo "get-assets: warning: $folder/captions.txt is not \
Kaggle's to the byte. For that one: https://www.kaggle.com/datasets/adityajn105/flickr8k (needs a login; SHA-256 \
$captions_sha256)" >&2
    mv $folder/captions.txt.part $folder/captions.txt
  fi
  if [ ! -d $folder/Images ]; then
    download $base/Flickr8k_Dataset.zip $folder/Flickr8k_Dataset.zip whole_zip
    rm -rf $folder/Images.part
    unzip -joq $folder/Flickr8k_Dataset.zip 'Flicker8k_Dataset/*.jpg' -d $folder/Images.part
    mv $folder/Images.part $folder/Images
    rm $folder/Flickr8k_Dataset.zip
  fi
  echo "$folder/Images: $(find $folder/Images -name '*.jpg' | wc -l) images (8,091 are expected)"
}

for tool in curl unzip sha256sum; do
  command -v $tool > /dev/null || fail "$tool is missing: apt-get install $tool ca-certificates"
done
[ $# -gt 0 ] || set -- vgg16 vocab flickr8k
mkdir -p $assets
for asset in "$@"; do
  case $asset in
    vgg16 | vocab | flickr8k) "get_$asset" ;;
    *) fail "no asset is called '$asset': vgg16, vocab or flickr8k" ;;
  esac
done

cat << END

In $assets/: $*. Next, when all three are there:
  cd $assets
  ../build/release/weights-convert vgg16-397923af.pth vgg16.safetensors --expect vgg16
  ../build/release/plainsight extract --images flickr8k/Images --weights vgg16.safetensors --out features.safetensors
  ../build/release/plainsight train --features features.safetensors --captions flickr8k/captions.txt \\
      --vocab vocab.txt --out run
  ../build/release/plainsight evaluate --run run --features features.safetensors --captions flickr8k/captions.txt
  ../build/release/plainsight caption --run run --weights vgg16.safetensors my-image.jpg
END
