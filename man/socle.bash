# bash completion for socle; made from the table of commands.
_socle() {
	local word=${COMP_WORDS[COMP_CWORD]} words
	if ((COMP_CWORD == 1)); then
		words='pick needs check try ldd ls cat sizes bases help'
	else
		case ${COMP_WORDS[1]} in
		pick) words='--output --color --offline --quiet --verbose --no-progress --catalogue --platform --help --at --entry --env --cpu --test --test-file --http --timeout --memory --network --user --base --need --stage --max-size --all --evidence' ;;
		needs) words='--output --color --offline --quiet --verbose --no-progress --catalogue --platform --help --at --entry' ;;
		check) words='--output --color --offline --quiet --verbose --no-progress --catalogue --platform --help --at --entry --env --cpu' ;;
		try) words='--output --color --offline --quiet --verbose --no-progress --catalogue --platform --help --at --entry --env --cpu --test --test-file --http --timeout --memory --network --user' ;;
		ldd) words='--output --color --offline --quiet --verbose --no-progress --catalogue --platform --help --env --cpu' ;;
		ls) words='--output --color --offline --quiet --verbose --no-progress --catalogue --platform --help --recursive' ;;
		cat) words='--platform --catalogue --offline --quiet --verbose --no-progress --color --help' ;;
		sizes) words='--output --color --offline --quiet --verbose --no-progress --catalogue --platform --help' ;;
		bases) words='--output --color --offline --quiet --verbose --no-progress --catalogue --platform --help --as --to' ;;
		help) words='--output --help' ;;
		esac
	fi
	[[ $word == -* || $COMP_CWORD == 1 ]] && COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _socle socle
