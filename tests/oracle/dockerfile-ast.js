// What an independent parser (the npm package dockerfile-ast) finds in Dockerfiles, one line an
// instruction: KEYWORD LINE, and for FROM the image as it stands there. Files come as arguments;
// each is opened by a line "== FILE". With "probe" alone: exit 0 where the package is there.
const { DockerfileParser } = require("dockerfile-ast");
const fs = require("fs");

function lines(file) {
	// The package counts a byte order mark as part of the first word.
	const text = fs.readFileSync(file, "utf8").replace(/^\ufeff/, "");
	const out = [];
	for (const i of DockerfileParser.parse(text).getInstructions()) {
		const keyword = i.getInstruction().toUpperCase();
		let line = keyword + " " + (i.getRange().start.line + 1);
		if (keyword === "FROM") line += " " + i.getImage();
		out.push(line);
	}
	return out;
}

for (const file of process.argv.slice(2).filter((a) => a !== "probe"))
	console.log(["== " + file, ...lines(file)].join("\n"));
