import type { sessions as en } from "../en/sessions";

export const sessions: typeof en = {
  sessions: {
    title: "充电记录", said_zero: "没有符合条件的记录。", said_one: "{{n}} 条记录，{{active}} 条进行中，{{energy}}", said_other: "{{n}} 条记录，{{active}} 条进行中，{{energy}}", empty: "暂无充电记录", empty_help: "车辆插枪后会立即显示在这里。", none: "没有符合条件的记录", list: "充电记录", any_state: "进行中与已结束", active: "进行中", ended: "已结束", any_authorization: "全部授权结果", needs_review: "需核查", from: "从", to: "至", token: "授权卡", all: "全部记录", review: "核查列表",
  },
  session: {
    one: "充电记录", number: "记录 {{number}}", token: "授权卡", station: "充电桩", started: "开始", ended: "结束", state: "状态", running: "进行中", done: "已结束", curve: "功率与电池电量", power_so_far: "至今功率", timeline: "时间线", numbers: "数据", frames: "相关报文", average: "平均功率", peak: "最大功率", idle: "空占时间", meter: "电表读数", reason: "结束原因", authorization: "授权结果", no_readings: "暂无读数", no_readings_help: "充电桩上报电表后显示。", said_running: "{{station}} · {{evse}} 号枪 · {{token}} · {{time}} 起", said_ended: "{{station}} · {{evse}} 号枪 · {{token}} · {{time}}",
    review: "需核查", no_review: "需核查：无", late: "补报：{{time}} 收到", stop: "停止", phases: "电流与电压", battery: "电池电量", transaction: "交易号",
  },
  event: { preparing: "已插枪", authorised: "卡 {{token}}：{{status}}", started: "充电开始", charging: "充电中", suspended_ev: "车辆暂停", suspended_evse: "桩端暂停", finishing: "已完成，待拔枪", available: "已拔枪", stopped: "充电结束：{{reason}}", faulted: "故障", running: "正在充电", unavailable: "停用", reserved: "已预约", unknown: "未上报", remote_start: "由平台启动", remote_stop: "由平台停止" },
  stop: { emergency_stop: "急停", ev_disconnected: "车端拔枪", hard_reset: "硬重启", local: "桩上停止", other: "其他", power_loss: "断电", reboot: "充电桩重启", remote: "平台停止", soft_reset: "软重启", unlock_command: "解锁", de_authorized: "卡失效", none: "未说明", by_new_transaction: "下一次充电已开始", by_available: "充电枪早已空闲", by_reboot: "充电桩已重启" },
  authorization: { accepted: "已接受", invalid: "未知卡", blocked: "已锁定", expired: "已过期", concurrent: "正在别处充电" },
  review: {
    title: "核查列表", open: "待核查", resolved: "已处理", resolve: "处理", reopen: "重新打开", note: "备注", note_help: "写下结论，便于日后查阅。", empty: "没有需要核查的内容", empty_help: "无法自动核对的电量或费用会显示在这里，不会丢失。", list: "核查列表", kind: "事项", at: "时间", energy: "电量", by: "处理人", resolve_title: "处理：{{kind}}", resolved_toast: "已处理", what: "处理建议", unknown_transaction: "未知交易", refused_energy: "被拒卡产生电量", meter_backwards: "电表倒走", conflicting_stop: "重复结束且不一致", not_stopped: "未结束", clock_wrong: "充电桩时钟错误", over_power: "超出可提供的功率",
    help_unknown_transaction: "充电桩上报了非本平台分配的交易。请查看报文，再决定计费或豁免。", help_refused_energy: "卡被拒绝后充电桩仍在充电，请检查其授权设置。", help_meter_backwards: "电表读数变小，请与现场电表核对。", help_conflicting_stop: "充电桩以不同数据结束了两次，请确定以哪次为准。", help_not_stopped: "该次充电未结束，下一辆车已开始。如无其他依据，以最后读数为准。", help_clock_wrong: "该次充电的时间来自充电桩，明显有误。请以平台接收时间为准，并校正充电桩时钟。", help_over_power: "充电桩上报的功率或电量超出其所能提供的范围。请查看其修复项（单位可能有误），或更正连接器的限值。",
  },
};
