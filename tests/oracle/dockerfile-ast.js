// What an independent parser (the npm package dockerfile-ast) finds in Dockerfiles, one line an
// instruction: KEYWORD LINE, and for FROM the image as it stands there. Files come as arguments;
// each is opened by a line "== FILE". With "probe" alone: exit 0 where the package is there. With
// "arguments" in front: behind KEYWORD LINE stand all arguments, as a string of JSON.
const { DockerfileParser } = require("dockerfile-ast");
const fs = require("fs");

const files = process.argv.slice(2);
const whole = files[0] === "arguments";
if (whole || files[0] === "probe") files.shift();

function lines(file) {
	// The package counts a byte order mark as part of the first word.
	const text = fs.readFileSync(file, "utf8").replace(/^\ufeff/, "");
	const out = [];
	for (const i of DockerfileParser.parse(text).getInstructions()) {
		const keyword = i.getInstruction().toUpperCase();
		let line = keyword + " " + (i.getRange().start.line + 1);
		if (whole) line += " " + JSON.stringify(i.getRawArgumentsContent());
		else if (keyword === "FROM") line += " " + i.getImage();
		out.push(line);
	}
	return out;
}

for (const file of files)
	console.log(["== " + file, ...lines(file)].join("\n"));
