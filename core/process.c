// SPDX-License-Identifier: Apache-2.0
#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/interrupt.h"

extern char **environ;

struct child {
	pid_t pid;
	int in;     /* we write; -1 when all is written */
	int out;    /* we read; -1 at its end */
	int said;   /* the same, of its standard error; -1 where that is ours */
	bool group; /* it leads a process group of its own */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A program's own children are ended with it when they are a process group of their own.  Where
 * there is a terminal they stay in ours: who asks for a password there must be in the
 * foreground. */
static bool wants_group(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		close(fd);
	return fd < 0;
}

/* Signals that this program ignores (core/interrupt.h) mean something to others. */
static void set_attributes(posix_spawnattr_t *attr, bool group)
{
	sigset_t def;

	sigemptyset(&def);
	sigaddset(&def, SIGPIPE);
	sigaddset(&def, SIGXFSZ);
	posix_spawnattr_setsigdefault(attr, &def);
	posix_spawnattr_setpgroup(attr, 0);
	posix_spawnattr_setflags(
		attr, (short)(POSIX_SPAWN_SETSIGDEF | (group ? POSIX_SPAWN_SETPGROUP : 0)));
}

static bool is_replaced(const struct ohc_process *p, const char *variable)
{
	size_t name = strcspn(variable, "=") + 1;

	for (size_t i = 0; p->env && p->env[i]; i++)
		if (strncmp(p->env[i], variable, name) == 0)
			return true;
	return false;
}

/* Ours, but for those that p sets, and p's; the caller frees it. */
static char **environment(const struct ohc_process *p)
{
	size_t n = 0, more = 0, kept = 0;
	char **all;

	while (environ[n])
		n++;
	while (p->env && p->env[more])
		more++;
	all = ohc_xcalloc(n + more + 1, sizeof(*all));
	for (size_t i = 0; i < n; i++)
		if (!is_replaced(p, environ[i]))
			all[kept++] = environ[i];
	for (size_t i = 0; i < more; i++)
		all[kept++] = (char *)p->env[i];
	return all;
}

static int spawn(const struct ohc_process *p, const int in[2], const int out[2], const int said[2],
		 struct child *c)
{
	posix_spawn_file_actions_t actions;
	ohc_cleanup(ohc_freep) char **env = environment(p);
	posix_spawnattr_t attr;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	if (said[1] >= 0)
		posix_spawn_file_actions_adddup2(&actions, said[1], STDERR_FILENO);
	set_attributes(&attr, c->group);
	rc = posix_spawnp(&c->pid, p->argv[0], &actions, &attr, (char *const *)p->argv, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static int start(const struct ohc_process *p, struct child *c, struct ohc_error *err)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, said[2] = { -1, -1 }, rc = 0;

	c->group = wants_group();
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
	    (p->said && c->group && pipe2(said, O_CLOEXEC | O_NONBLOCK) < 0))
		rc = errno;
	if (rc == 0)
		rc = spawn(p, in, out, said, c);
	close_fd(&in[0]);
	close_fd(&out[1]);
	close_fd(&said[1]);
	if (rc != 0) {
		close_fd(&in[1]);
		close_fd(&out[0]);
		close_fd(&said[0]);
		errno = rc;
		return ohc_error_sys(err, "cannot run '%s'", p->argv[0]);
	}
	c->in = in[1];
	c->out = out[0];
	c->said = said[0];
	fcntl(c->in, F_SETFL, O_NONBLOCK);
	return 0;
}

static void feed(struct child *c, const char **input)
{
	size_t n = strlen(*input);
	ssize_t done = n ? write(c->in, *input, n) : 0;

	if (done > 0)
		*input += done;
	else if (done < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (done < 0 || !**input) /* who does not want it need not take it */
		close_fd(&c->in);
}

static int take(const struct ohc_process *p, struct child *c, struct ohc_buf *output,
		struct ohc_error *err)
{
	char piece[4096];
	ssize_t n = read(c->out, piece, sizeof(piece));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		close_fd(&c->out);
	else if (!ohc_buf_add_max(output, piece, (size_t)n, p->max))
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' prints more than %zu bytes",
				     p->argv[0], p->max);
	explicit_bzero(piece, sizeof(piece));
	return 0;
}

/* Reads what is too much, too, so that the program does not wait for us. */
static void hear(const struct ohc_process *p, struct child *c)
{
	char piece[4096];
	ssize_t n = -1;

	while (c->said >= 0 && (n = read(c->said, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0 && p->said->len < OHC_PROCESS_SAID)
			ohc_buf_add(p->said, piece,
				    (size_t)n < OHC_PROCESS_SAID - p->said->len
					    ? (size_t)n
					    : OHC_PROCESS_SAID - p->said->len);
	}
	if (c->said >= 0 && n == 0)
		close_fd(&c->said);
	explicit_bzero(piece, sizeof(piece));
}

static int check_time(const struct ohc_process *p, int64_t end, struct ohc_error *err)
{
	int rc = ohc_interrupt_check(err);

	if (rc == 0 && ohc_clock_ms() > end)
		rc = ohc_error_set(err, OHC_E_DENIED, "'%s' did not end within %u seconds",
				   p->argv[0], p->seconds);
	return rc;
}

static int talk(const struct ohc_process *p, struct child *c, struct ohc_buf *output, int64_t end,
		struct ohc_error *err)
{
	const char *input = p->input;
	int rc = 0;

	while (rc == 0 && (c->in >= 0 || c->out >= 0)) {
		struct pollfd fds[] = { { c->in, POLLOUT, 0 },
					{ c->out, POLLIN, 0 },
					{ c->said, POLLIN, 0 } };

		poll(fds, OHC_ARRAY_SIZE(fds), 50);
		rc = check_time(p, end, err);
		if (rc == 0 && fds[0].revents)
			feed(c, &input);
		if (rc == 0 && fds[1].revents)
			rc = take(p, c, output, err);
		hear(p, c);
	}
	return rc;
}

/* Its end, for which it may take the time that is left. */
static int reap(const struct ohc_process *p, struct child *c, int64_t end, int *ret_status,
		struct ohc_error *err)
{
	struct timespec pause = { 0, 5 * 1000000 };
	int status, rc = 0;
	pid_t got;

	while ((got = waitpid(c->pid, &status, WNOHANG)) == 0 && rc == 0) {
		hear(p, c);
		nanosleep(&pause, NULL);
		rc = check_time(p, end, err);
	}
	hear(p, c);
	if (rc < 0)
		return rc;
	c->pid = -1;
	if (got < 0)
		return ohc_error_sys(err, "cannot get the exit status of '%s'", p->argv[0]);
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return 0;
}

int ohc_process_run(const struct ohc_process *p, struct ohc_buf *output, int *ret_status,
		    struct ohc_error *err)
{
	struct child c = { .pid = -1, .in = -1, .out = -1, .said = -1 };
	int64_t end = ohc_clock_ms() + (int64_t)p->seconds * 1000;
	int rc = start(p, &c, err);

	if (rc < 0)
		return rc;
	rc = talk(p, &c, output, end, err);
	if (rc == 0)
		rc = reap(p, &c, end, ret_status, err);
	if (c.pid > 0) {
		kill(c.group ? -c.pid : c.pid, SIGKILL);
		waitpid(c.pid, NULL, 0);
	}
	close_fd(&c.in);
	close_fd(&c.out);
	close_fd(&c.said);
	return rc;
}
