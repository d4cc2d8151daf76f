import type { access as en } from "../en/access";

export const access: typeof en = {
  access: {
    asked_authorize: "询问授权", asked_start: "充电开始时",
    title: "授权卡", said_zero: "没有符合条件的卡。", said_one: "{{count, number}} 张卡", said_other: "{{count, number}} 张卡", add: "添加授权卡", import: "从 CSV 导入", empty: "暂无授权卡", empty_help: "添加可充电的卡或密钥，或从 CSV 文件导入。", none: "没有符合条件的卡", list: "授权卡列表", search: "卡号、标签或分组", uid: "卡号", label: "标签", group: "分组", expires: "有效期至", status: "状态", active: "有效", blocked: "已锁定", expired: "已过期", any: "全部状态", never: "长期", block: "锁定", unblock: "解锁", block_toast: "{{uid}} 已锁定。", unblock_toast: "{{uid}} 已恢复。", deleted: "{{uid}} 已删除。", delete_title: "删除 {{uid}}？", delete_help: "其充电记录会保留，再次刷卡将按未知卡拒绝。", edit_title: "编辑 {{uid}}", uid_help: "卡面所印或充电桩读出的编号，最多 20 个字符", label_help: "持卡人", group_help: "同组成员可互相停止充电。", expires_help: "自该时间起拒绝", why: "授权记录", why_title: "{{uid}}：对充电桩的答复", why_empty: "尚无充电桩询问过此卡。", why_refused: "已拒绝：{{why}}", why_accepted: "已接受", at_station: "{{station}}",
    not_ours: "该卡未登记。", why_of: "{{uid}} 为何被拒绝？",
    nobodys: "不属于任何组织", of: "仅显示 {{names}} 的卡", elsewhere: "该组织没有授权卡。在顶部选择“全部”可查看所有卡。",
    csv_help: "列：uid、label、group、status（active 或 blocked）、expires。仅 uid 必填。", imported: "新增 {{created}}，更新 {{updated}}，已存在 {{skipped}}", existing: "已存在的卡", skip: "保持不变", update: "更新", refuse: "拒绝整个文件", bad_uid: "须为 1–20 个字符", bad_status: "须为 active 或 blocked", bad_time: "不是有效时间，例如 2030-01-31", ready_one: "{{count, number}} 张卡可导入。", ready_other: "{{count, number}} 张卡可导入。", sessions: "使用此卡的充电记录",
  },
};
