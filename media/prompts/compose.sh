#!/bin/sh
# Composes the prompts of this folder from recorded speech, as Debian ships it
# (packages asterisk-core-sounds-{en,es,fr}-wav), with sox.
#
# usage: compose.sh [FOLDER OF SOUNDS]
set -eu
sounds=${1:-/usr/share/asterisk/sounds}
here=$(cd "$(dirname "$0")" && pwd)

# compose LANGUAGE KIND PHRASE...
compose() {
  language=$1 kind=$2
  shift 2
  set -- $(for phrase; do echo "$voice/$phrase.wav"; done)
  mkdir -p "$here/$language"
  sox "$@" -r 8000 -c 1 -b 16 "$here/$language/$kind.wav" \
    silence 1 0.02 0.2% reverse silence 1 0.02 0.2% reverse gain -n -6 pad 0 0.1
}

everything() {
  compose "$1" start conf-now-recording
  compose "$1" compliance conf-now-recording
  compose "$1" pause dictate/record_mode dictate/paused
  [ -f "$voice/activated.wav" ] || return 0 # The next language in the list has it.
  compose "$1" resume dictate/record_mode activated
  compose "$1" stop dictate/record_mode de-activated
  compose "$1" failure im-sorry dictate/record_mode disabled
}

voice=$sounds/en_US_f_Allison && everything en
voice=$sounds/es_MX_f_Allison && everything es
voice=$sounds/fr_CA_f_June && everything fr
