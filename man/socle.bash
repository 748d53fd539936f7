# bash completion for socle; made from the table of commands.
_socle() {
	local word=${COMP_WORDS[COMP_CWORD]} words
	if ((COMP_CWORD == 1)); then
		words='pick needs check try ldd ls cat sizes sbom scan compare db digest tags pull push cache lint pin bases help'
	else
		case ${COMP_WORDS[1]} in
		pick) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress --at --base-was --entry --dockerfile --env --cpu --test --test-file --http --timeout --memory --network --user --engine --base --need --stage --max-size --fail-on --all --pull --evidence' ;;
		needs) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress --at --base-was --entry' ;;
		check) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress --at --base-was --entry --env --cpu --pull' ;;
		try) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress --at --base-was --entry --env --cpu --test --test-file --http --timeout --memory --network --user --engine' ;;
		ldd) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress --env --cpu' ;;
		ls) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress --recursive' ;;
		cat) words='--platform --catalogue --quiet --verbose --color --help --offline --mirror --plain-http --patience --no-progress' ;;
		sizes) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress' ;;
		sbom) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress' ;;
		scan) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress --base-was --fail-on --only-fixed --ignore-file --vex' ;;
		compare) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress' ;;
		db) words='--output --color --quiet --verbose --help --source --offline --patience --no-progress' ;;
		digest) words='--output --color --quiet --verbose --catalogue --help --offline --mirror --plain-http --patience --no-progress' ;;
		tags) words='--output --color --quiet --verbose --catalogue --help --offline --mirror --plain-http --patience --no-progress' ;;
		pull) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress --to' ;;
		push) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress' ;;
		cache) words='--output --color --quiet --verbose --all --older-than --help' ;;
		lint) words='--output --color --quiet --verbose --catalogue --platform --help --pull --offline --mirror --plain-http --patience --no-progress' ;;
		pin) words='--in-place --dry-run --check --update --tighten --output --color --quiet --verbose --help --offline --mirror --plain-http --patience --no-progress' ;;
		bases) words='--output --color --quiet --verbose --catalogue --platform --help --offline --mirror --plain-http --patience --no-progress --as --to' ;;
		help) words='--output --help' ;;
		esac
	fi
	[[ $word == -* || $COMP_CWORD == 1 ]] && COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _socle socle
