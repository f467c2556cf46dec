/* core_files.h - keeps members' data out of core files. */
#ifndef RUNTIME_CORE_FILES_H
#define RUNTIME_CORE_FILES_H

/* Call first in main. The memory of every process of ours holds identity numbers, names and secret keys:
 * where one crashes, no image of it is to lie on a disk, or be sent to somebody with a crash report. */
void core_files_forbid(void);

#endif
