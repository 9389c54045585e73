/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/host.h"

#include <hwloc.h>
#include <unistd.h>

static json_t *numa_json(hwloc_obj_t node)
{
	return json_pack("{s:I, s:I, s:i}", "node", (json_int_t)node->os_index, "memory",
		(json_int_t)node->attr->numanode.local_memory, "pus",
		node->cpuset ? hwloc_bitmap_weight(node->cpuset) : 0);
}

json_t *host_json(void)
{
	json_t *host = NULL, *numa = json_array();
	hwloc_topology_t topology;
	hwloc_obj_t node = NULL;

	if (hwloc_topology_init(&topology)) {
		json_decref(numa);
		return NULL;
	}
	/* PUs and NUMA nodes always stay; caches, PCI and the like take time to find. */
	hwloc_topology_set_all_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE);
	if (hwloc_topology_load(topology) == 0) {
		while ((node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)))
			json_array_append_new(numa, numa_json(node));
		host = json_pack("{s:I, s:i, s:O}", "memory",
			(json_int_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE), "pus",
			hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU), "numa", numa);
	}
	hwloc_topology_destroy(topology);
	json_decref(numa);
	return host;
}
