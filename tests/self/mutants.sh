#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tables of mutants fit the sources, and a row that does not is found.
. "$(dirname "$0")/../lib.sh"

mutate=$top/tests/mutants/mutate

t "every row fits its source, and its tests are there"
run "$mutate" check
expect_status 0
expect_out '^[0-9]+ rows fit'

mkdir -p tree/tests/mutants tree/tests/unit tree/core
cat >tree/core/x.c <<'EOF'
static int one(void)
{
	return 1 + 1;
}

static int two(void)
{
	return 1 + 1;
}
EOF
touch tree/tests/unit/test_x.c

# row OLD [LINE...]: the table of one row
row()
{
	{
		printf 'name: a\nfile: core/x.c\nrule: it adds\ntests: test_x\n- %s\n+ 3\n' "$1"
		shift
		[ $# = 0 ] || printf '%s\n' "$@"
	} >tree/tests/mutants/t.txt
}

t "a text that is there once, in one function, is taken"
row '1 + 1' 'in: two'
run "$mutate" check tree
expect_status 0
expect_out_is '1 rows fit their sources'

t "a text that is there twice is refused"
row '1 + 1'
run "$mutate" check tree
expect_status 1
expect_err 't.txt:1: core/x.c has the text 2 times'

t "a text that is gone is refused"
row '1 + 2'
run "$mutate" check tree
expect_status 1
expect_err 'has the text 0 times'

t "a test that is gone is refused"
row '1 + 1' 'in: two'
sed -i 's/test_x/test_y/' tree/tests/mutants/t.txt
run "$mutate" check tree
expect_status 1
expect_err "there is no test 'test_y'"

t "half an expression is refused, and what is in a header"
row '1 + 1' 'in: two'
sed -i 's/return 1 + 1/return one() ? 1 : 2/' tree/core/x.c
sed -i 's/^- 1 + 1/- one() ?/' tree/tests/mutants/t.txt
run "$mutate" check tree
expect_status 1
expect_err 'the text is no whole expression: one\(\) \?'
cp tree/core/x.c tree/core/x.h
sed -i 's/^- .*/- one() ? 1 : 2/; s,core/x.c,core/x.h,' tree/tests/mutants/t.txt
run "$mutate" check tree
expect_status 1
expect_err 'core/x.h is no source, and what includes it has no switch'

t "what is open and not closed is refused, and a statement's end in an expression"
for text in 'one() ? 1 : (2' 'one(); 1'; do
	printf 'static int one(void)\n{\n\treturn %s;\n}\n' "$text" >tree/core/x.c
	row "$text"
	run "$mutate" check tree
	expect_status 1
	expect_err 't.txt:1: the text is not whole: '
done
printf 'static char *one(void)\n{\n\treturn find(";(");\n}\n' >tree/core/x.c
row 'find(";(")'
run "$mutate" check tree
expect_status 0

t "a row without a rule is refused"
row '1 + 1' 'in: two'
sed -i '/^rule/d' tree/tests/mutants/t.txt
run "$mutate" check tree
expect_status 1
expect_err "a row needs 'rule'"

finish
