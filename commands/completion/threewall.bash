# shellcheck shell=bash
# Completion of threewall: commands and their options as --help lists them, environments as config/ holds them.

_threewall() {
  local word=${COMP_WORDS[COMP_CWORD]} list
  if [ "$COMP_CWORD" -eq 1 ]; then
    list=$(threewall --help 2>/dev/null | sed -n 's/^\([a-z][a-z-]*\)  .*/\1/p')
  elif [[ $word == -* ]]; then
    list=$(threewall "${COMP_WORDS[1]}" --help 2>/dev/null | grep -oE -e '--[a-z][a-z-]*' | sort -u)
  elif [ "${COMP_WORDS[1]}" = completion ]; then
    list='bash zsh'
  else
    list=$(for file in config/*.yaml; do [ -e "$file" ] && basename "$file" .yaml; done)
  fi
  COMPREPLY=()
  while IFS= read -r one; do
    COMPREPLY+=("$one")
  done < <(compgen -W "$list" -- "$word")
}
complete -F _threewall threewall
