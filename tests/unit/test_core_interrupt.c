// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/interrupt.h"

/* Gets two signals, ms apart; what it says goes to fd. */
static void child(int fd, unsigned int ms)
{
	dup2(fd, STDERR_FILENO);
	signal(SIGINT, SIG_DFL);
	ohc_interrupt_init();
	raise(SIGINT);
	usleep(ms * 1000);
	raise(SIGINT);
	_exit(ohc_interrupt_pending() ? 9 : 8);
}

static int run(unsigned int ms, char *said, size_t size)
{
	int fds[2], status = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(fds[1], ms);
	close(fds[1]);
	n = read(fds[0], said, size - 1);
	said[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_second(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(run(1100, said, sizeof(said)), 130);
	assert_non_null(strstr(said, "interrupted a second time, and ended at once"));
	assert_non_null(strstr(said, "--journal"));
}

/* Signals that come at once are one, as timeout(1) sends them. */
static void test_twice(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(run(0, said, sizeof(said)), 9);
	assert_string_equal(said, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_second),
					    cmocka_unit_test(test_twice) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
