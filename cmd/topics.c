// SPDX-License-Identifier: Apache-2.0
/*
 * Topics that `ohcompose help` explains besides the commands.  ohcompose-recipe(5) says more;
 * tests/cli/recipe.sh holds both to the members that there are.
 */
#include "cmd/command.h"
#include "cmd/topics.h"

static const char recipe[] =
	"A recipe is a JSON file that 'ohcompose pack FILE.json DEST' makes a payload image of: it "
	"says what goes into each layer.\n\n"
	"A path that starts with '/' is one of this machine's, or of the directory that \"root\" "
	"or "
	"--root names; any other is below the recipe's own directory. What goes in is named by "
	"\"from\", where it goes, below the prefix, by \"to\". 'man ohcompose-recipe' says "
	"more.\n\n"
	"The recipe:\n\n"
	"  prefix        directory of everything in the image (default: the profile's)\n"
	"  owner         \"UID:GID\" of every entry\n"
	"  profile       what push applies with this payload: a name or a file\n"
	"  version       of the payload, for a label and the list of what is in it\n"
	"  revision      of its source, for a label: a commit\n"
	"  source        URL of its source, for a label\n"
	"  root          directory in which absolute paths and libraries are found\n"
	"  closure       programs get their own loader and libraries (default: true)\n"
	"  env           variables that the payload wants, {\"NAME\": \"VALUE\"}\n"
	"  optional      libraries that may be missing, [\"lib*.so*\"]\n"
	"  encodings     text it converts from, too: \"east-asian\", \"cyrillic\", \"all\"\n"
	"  layers        an array of layers, what changes least first\n"
	"  launchers     an array of launchers\n\n"
	"A layer has a \"name\" and any of:\n\n"
	"  if            a path; without it in the root the layer is left out\n"
	"  copy          [{\"from\", \"to\", \"exclude\", \"mode\", \"dereference\",\n"
	"                \"dlopen\"}]\n"
	"  programs      [PATH or {\"from\", \"to\", \"dlopen\"}]\n"
	"  python        {\"interpreter\", \"stdlib\", \"site-packages\", \"scripts\",\n"
	"                \"unmet\", \"dlopen\", \"venv\", \"bytecode\", \"exclude\", \"to\"}\n"
	"  browser       PATH or {\"from\", \"to\", \"as\", \"dlopen\"}\n"
	"  pyinstaller   PATH or {\"from\", \"to\"}\n"
	"  certificates  true, or the path of a bundle\n"
	"  locale        true, or the path of a locale's directory\n"
	"  fonts         true, or {\"from\": [PATH]}\n\n"
	"A launcher is a program in bin that starts another with what that needs:\n\n"
	"  name          of the launcher\n"
	"  program       a path below the prefix\n"
	"  args          arguments that come first\n"
	"  env           variables that it sets\n"
	"  if            as a layer's\n\n"
	"An example:\n\n"
	"  {\n"
	"    \"profile\": \"openhands\",\n"
	"    \"layers\": [\n"
	"      { \"name\": \"tools\", \"programs\": [ \"/usr/bin/tmux\", \"/usr/bin/git\" ] },\n"
	"      { \"name\": \"code\",\n"
	"        \"copy\": [ { \"from\": \"src\", \"to\": \"code\", \"exclude\": [ \"*.pyc\" ] } ] "
	"}\n"
	"    ],\n"
	"    \"launchers\": [ { \"name\": \"oh-tmux\", \"program\": \"bin/tmux\" } ]\n"
	"  }";

const struct ohc_topic ohc_topics[] = {
	{ "recipe", "how a recipe for pack is written", recipe },
	{ 0 },
};
