/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Things that a process may try: what raypssd, its writer and the publisher need, and what they must
 * not be able to do. Each returns 0 where it was possible, or -errno.
 */
#ifndef RAYPSS_ATTEMPTS_H
#define RAYPSS_ATTEMPTS_H

/*
 * A directory with a spool of root's, a spool of another user's, a directory of live figures and
 * some files; and a process of another user. The attempts are made on them.
 */
void attempts_begin(void);
void attempts_end(void);

/* Of the two spools: descriptors. */
int attempts_spool(void);
int attempts_foreign_spool(void);

/* The directory of live figures. */
const char *attempts_state(void);

/* Sends text, or receives all that was sent: not every confined process may write. */
void attempts_tell(const char *text);
void attempts_told(char *text, unsigned long size);

/* Looking into the other process. */
int try_maps(void);
int try_smaps_rollup(void);
int try_environ_read(void);
int try_map_files(void);
int try_descriptors(void);
int try_procmap_query(void);

/* What is open already. */
int try_live_figures(void);
int try_message(void);
int try_block_cut(void);
int try_other_ioctl(void);

/* Other processes. */
int try_address_spaces_compare(void);
int try_memory_write(void);
int try_memory_read(void);
int try_trace(void);
int try_signal_any(void);
int try_signal_urgent(void);
int try_limits_of_others(void);

/* Files. */
int try_create_in_root(void);
int try_open_for_writing(void);
int try_beside_the_spool(void);
int try_shadow(void);
int try_shadow_by_link(void);
int try_passwd(void);
int try_rename_file(void);
int try_remove_file(void);
int try_directory_make(void);
int try_mode_set(void);

/* The spools and live figures. */
int try_record(void);
int try_record_of_foreign_spool(void);
int try_host_read(void);
int try_figures_remove(void);
int try_figures_make(void);

/* Becoming more. */
int try_execute(void);
int try_process_make(void);
int try_socket_make(void);
int try_code_map(void);
int try_namespace_make(void);
int try_become_user(void);

#endif
