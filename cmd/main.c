// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/printable.h"
#include "core/alloc.h"
#include "core/cache.h"
#include "core/interrupt.h"

/* Sorted by purpose, and within a group by how often they are used; the help has this order. */
static const struct ohc_command *const commands[] = {
	&ohc_cmd_push,    &ohc_cmd_pack,       &ohc_cmd_bake,  &ohc_cmd_upgrade, &ohc_cmd_check,
	&ohc_cmd_inspect, &ohc_cmd_verify,     &ohc_cmd_copy,  &ohc_cmd_attach,  &ohc_cmd_detach,
	&ohc_cmd_unpack,  &ohc_cmd_gc,         &ohc_cmd_login, &ohc_cmd_logout,  &ohc_cmd_probe,
	&ohc_cmd_cache,   &ohc_cmd_completion, &ohc_cmd_help,  &ohc_cmd_version, NULL,
};

/* A descriptor below 3 that was closed would be given to the next file that is opened, and a blob
 * would then have our messages in it.  Each is opened in the wrong direction, so that using it
 * still fails. */
static void occupy_standard_descriptors(void)
{
	static const int flags[] = { O_WRONLY, O_RDONLY, O_WRONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", flags[fd]) != fd)
			_exit(1);
}

/* Nothing but the encoding of names may depend on where we run. */
static void set_locale(void)
{
	static const char *const utf8[] = { "C.UTF-8", "C.utf8", "en_US.UTF-8" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(utf8) && !setlocale(LC_CTYPE, utf8[i]); i++)
		;
}

/* Is the reader of standard output gone, as head(1) goes when it has enough? */
static bool is_reader_gone(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

/* A write of run() may have failed without run() noticing: stdio remembers it. */
static int flush_output(FILE *out, bool *ret_gone, struct ohc_error *err)
{
	bool failed = ferror(out);
	int sys = 0;

	if (fflush(out) != 0)
		sys = errno;
	*ret_gone = is_reader_gone();
	if (fclose(out) != 0 && !sys)
		sys = errno;
	if (!sys && !failed)
		return 0;
	errno = sys;
	if (errno)
		return ohc_error_sys(err, "cannot write standard output");
	return ohc_error_set(err, OHC_E_FAILED, "cannot write standard output");
}

/* Ends as programs do that write to a closed pipe: by SIGPIPE, without a message. */
static void end_by_sigpipe(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGPIPE);
}

static int check_names(const struct ohc_command *c, int n, char **names, struct ohc_error *err)
{
	if (c->max_args >= 0 && n > c->max_args)
		return ohc_error_set(err, OHC_E_USAGE, "'%s' is one name too many: %s %s %s",
				     names[c->max_args], OHC_PROGRAM, c->name, c->synopsis);
	if (n < c->min_args)
		return ohc_error_set(err, OHC_E_USAGE,
				     n ? "a name is missing: %s %s %s"
				       : "names are missing: %s %s %s",
				     OHC_PROGRAM, c->name, c->synopsis);
	return 0;
}

/* A table whose options fill the command's state. */
static bool is_own(const struct ohc_command *c, const struct ohc_option *table)
{
	return table == c->options || table == c->more_options[0] || table == c->more_options[1];
}

/* One cache for all that runs: what is wrong with it is told once. */
static int run_with_cache(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct ohc_command *c = cli->command;
	int rc;

	if ((c->takes & OHC_TAKES_CACHE) && !cli->no_cache)
		ohc_cache_open(cli->cache, 0, cli->report, &cli->kept);
	rc = c->run(cli, argc, argv, err);
	ohc_cache_close(cli->kept);
	cli->kept = NULL;
	return rc;
}

static int run_command(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct ohc_command *c = cli->command;
	const struct ohc_option *tables[OHC_TABLES_MAX];
	struct ohc_option_set sets[OHC_TABLES_MAX] = { 0 };
	int names = 0, rc;

	ohc_command_tables(c, tables);
	for (size_t i = 0; tables[i]; i++)
		sets[i] = (struct ohc_option_set){ tables[i],
						   is_own(c, tables[i]) ? cli->state : cli };
	rc = ohc_options_parse(sets, argc, argv, &names, err);

	if (rc == 0 && cli->help) {
		ohc_help_command(c, cli->out);
	} else if (rc == 0) {
		cli->report = ohc_cli_report(cli, stderr);
		rc = check_names(c, names, argv, err);
		if (rc == 0)
			rc = ohc_cli_finish(cli, err);
		if (rc == 0)
			rc = run_with_cache(cli, names, argv, err);
	}
	ohc_options_clear(sets);
	return rc;
}

static int leading_option(const char *option, struct ohc_error *err)
{
	if (option[1] == '-' && ohc_command_shared_option(option + 2))
		return ohc_error_set(err, OHC_E_USAGE, "'%s' goes behind the command", option);
	return ohc_error_set(err, OHC_E_USAGE, "unknown option '%s'", option);
}

/* `ohcompose --version` and `--help` are commands that are written as options. */
static const char *command_name(const char *arg)
{
	static const char *const words[][2] = { { "--help", "help" },
						{ "-h", "help" },
						{ "--version", "version" } };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(words); i++)
		if (strcmp(arg, words[i][0]) == 0)
			return words[i][1];
	return arg;
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) void *state = NULL;
	const char *name = command_name(argv[0]);
	int rc;

	if (name[0] == '-')
		return leading_option(name, err);
	rc = ohc_command_find(commands, name, &cli->command, err);
	if (rc < 0)
		return rc;
	state = ohc_xcalloc(1, cli->command->state_size);
	cli->state = state;
	rc = run_command(cli, argc - 1, argv + 1, err);
	cli->state = NULL;
	return rc;
}

static void print_error(const struct ohc_cli *cli, int rc, const struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	const char *text = err->msg[0] ? err->msg : "failed";

	if (cli->report) {
		ohc_progress_error(cli->report, text, ohc_error_exit_status(rc));
	} else {
		ohc_printable(&line, text);
		fprintf(stderr, "%s: %s\n", OHC_PROGRAM, line.data);
	}
	if (rc != -OHC_E_USAGE || (cli->report && cli->progress == OHC_PROGRESS_JSON))
		return;
	if (cli->command)
		fprintf(stderr, "try '%s %s --help'\n", OHC_PROGRAM, cli->command->name);
	else
		fprintf(stderr, "try '%s help'\n", OHC_PROGRAM);
}

/* musl looks at what standard output is only after its first line went there, and when that could
 * not be written, nobody learns why. */
static void buffer_output(void)
{
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
}

/* Large arrays go back to the system when they are freed: glibc would keep ever larger ones for
 * later, in pieces.  Smaller ones stay, up to as much for each thread, or each request of a bake
 * would get its memory anew. */
static void bound_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

int main(int argc, char **argv)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_cli cli = OHC_CLI_INIT(commands, stdout);
	bool gone = false;
	int rc, flushed;

	bound_memory();
	occupy_standard_descriptors();
	buffer_output();
	set_locale();
	ohc_interrupt_init();
	if (argc < 2) {
		ohc_help_overview(commands, stderr);
		return ohc_error_exit_status(-OHC_E_USAGE);
	}
	rc = run(&cli, argc - 1, argv + 1, &err);
	flushed = flush_output(stdout, &gone, rc < 0 ? NULL : &err);
	gone = gone && (rc >= 0 || err.sys == EPIPE);
	if (rc >= 0)
		rc = flushed;
	if (rc < 0 && !gone)
		print_error(&cli, rc, &err);
	ohc_progress_free(cli.report);
	ohc_cli_clear(&cli);
	if (rc < 0 && gone)
		end_by_sigpipe();
	return ohc_error_exit_status(rc);
}
